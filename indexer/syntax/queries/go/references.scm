(identifier) @reference.use
(type_identifier) @reference.type
(field_identifier) @reference.use.member
(package_identifier) @reference.use

(call_expression function: (identifier) @reference.call)
(call_expression function: (selector_expression field: (field_identifier) @reference.call.member))
(assignment_statement left: (expression_list (identifier) @reference.write))
(assignment_statement
  left: (expression_list (selector_expression field: (field_identifier) @reference.write.member)))
(inc_statement (identifier) @reference.write)
(dec_statement (identifier) @reference.write)
(keyed_element key: (literal_element (identifier) @reference.write.member))
(field_declaration !name type: (type_identifier) @reference.inherit)
(type_elem (type_identifier) @reference.inherit)
(type_arguments (type_elem (type_identifier) @reference.type))
(type_elem (qualified_type name: (type_identifier) @reference.inherit))

(import_spec path: (_) @reference.import)
(import_spec name: (package_identifier) @ignore)
(parameter_declaration name: (identifier) @ignore)
(variadic_parameter_declaration name: (identifier) @ignore)
