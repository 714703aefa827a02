(identifier) @reference.use
(type_identifier) @reference.type
(field_identifier) @reference.use.member

(call_expression function: (identifier) @reference.call)
(call_expression function: (scoped_identifier name: (identifier) @reference.call.member))
(call_expression function: (field_expression field: (field_identifier) @reference.call.member))
(call_expression
  function: (generic_function function: (identifier) @reference.call))
(call_expression
  function: (generic_function
    function: (scoped_identifier name: (identifier) @reference.call.member)))
(call_expression
  function: (generic_function
    function: (field_expression field: (field_identifier) @reference.call.member)))
(scoped_identifier name: (identifier) @reference.use.member)
(macro_invocation macro: (identifier) @reference.macro_use)
(macro_invocation macro: (scoped_identifier name: (identifier) @reference.macro_use.member))
(attribute (identifier) @reference.macro_use)

(impl_item trait: (type_identifier) @reference.inherit)
(trait_bounds (type_identifier) @reference.type)
(trait_item bounds: (trait_bounds (type_identifier) @reference.inherit))

(use_declaration argument: (identifier) @reference.import)
(use_declaration argument: (scoped_identifier) @reference.import)
(use_list (identifier) @reference.import)
(use_list (scoped_identifier) @reference.import)
(scoped_use_list path: (scoped_identifier) @reference.import)
(use_as_clause path: (identifier) @reference.import)
(use_as_clause path: (scoped_identifier) @reference.import)
(use_as_clause alias: (identifier) @ignore)
(use_wildcard (scoped_identifier) @reference.import)
(extern_crate_declaration name: (identifier) @reference.import)

(assignment_expression left: (identifier) @reference.write)
(compound_assignment_expr left: (identifier) @reference.write)
(assignment_expression left: (field_expression field: (field_identifier) @reference.write.member))
(compound_assignment_expr left: (field_expression field: (field_identifier) @reference.write.member))
(field_initializer field: (field_identifier) @reference.write.member)
(lifetime (identifier) @ignore)
(parameter pattern: (identifier) @ignore)
