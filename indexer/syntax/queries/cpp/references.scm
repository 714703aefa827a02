(#inherits! "c")
(namespace_identifier) @reference.use
(operator_name) @reference.use
(base_class_clause (type_identifier) @reference.inherit)
(field_initializer (field_identifier) @reference.write.member)
(optional_parameter_declaration declarator: (identifier) @ignore)
(type_parameter_declaration (type_identifier) @ignore)
(destructor_name (identifier) @ignore)
(nested_namespace_specifier (namespace_identifier) @ignore)
