(identifier) @reference.use
(invocation_expression function: (identifier) @reference.call)
(invocation_expression function: (generic_name . (identifier) @reference.call))
(invocation_expression
  function: (member_access_expression name: (identifier) @reference.call.member))
(invocation_expression
  function: (member_access_expression name: (generic_name . (identifier) @reference.call.member)))
(invocation_expression
  function: (conditional_access_expression
    (member_binding_expression name: (identifier) @reference.call.member)))
(member_access_expression name: (identifier) @reference.use.member)
(object_creation_expression type: (identifier) @reference.call)
(assignment_expression left: (identifier) @reference.write)
(assignment_expression left: (member_access_expression name: (identifier) @reference.write.member))

(generic_name . (identifier) @reference.type)
(type_argument_list (identifier) @reference.type)
(variable_declaration type: (identifier) @reference.type)
(parameter type: (identifier) @reference.type)
(method_declaration returns: (identifier) @reference.type)
(property_declaration type: (identifier) @reference.type)
(cast_expression type: (identifier) @reference.type)
(type_parameter_constraint type: (identifier) @reference.type)
(catch_declaration type: (identifier) @reference.type)
(declaration_pattern type: (identifier) @reference.type)
(attribute name: (identifier) @reference.type)
(base_list (identifier) @reference.inherit)
(base_list (generic_name . (identifier) @reference.inherit))
(base_list (qualified_name name: (identifier) @reference.inherit))

(using_directive (identifier) @reference.import)
(using_directive (qualified_name) @reference.import)
(using_directive name: (identifier) @ignore)
