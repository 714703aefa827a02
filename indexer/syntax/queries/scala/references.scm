(identifier) @reference.use
(operator_identifier) @ignore
(type_identifier) @reference.type
(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (identifier) @reference.call.member))
(call_expression function: (generic_function function: (identifier) @reference.call))
(field_expression field: (identifier) @reference.use.member)
(extends_clause type: (type_identifier) @reference.inherit)
(extends_clause type: (generic_type type: (type_identifier) @reference.inherit))
(instance_expression (type_identifier) @reference.call)
(assignment_expression left: (identifier) @reference.write)
(assignment_expression left: (field_expression field: (identifier) @reference.write.member))
(import_declaration path: (identifier) @reference.import)
(namespace_selectors (identifier) @reference.import)
(arrow_renamed_identifier name: (identifier) @reference.import)
(arrow_renamed_identifier alias: (identifier) @ignore)
(package_identifier (identifier) @ignore)
(interpolated_string_expression interpolator: (identifier) @ignore)
((identifier) @ignore (#any-of? @ignore "this" "super"))
