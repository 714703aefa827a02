(#look-through! "nullable_type" "type")
(#look-through! "array_type" "type")
(#look-through! "pointer_type" "type")

(namespace_declaration name: (_) @name body: (_) @body) @definition.namespace
(file_scoped_namespace_declaration name: (_) @name) @definition.namespace
(class_declaration name: (_) @name body: (_)? @body) @definition.class
(struct_declaration name: (_) @name body: (_)? @body) @definition.struct
(record_declaration name: (_) @name body: (_)? @body) @definition.class
(interface_declaration name: (_) @name body: (_)? @body) @definition.interface
(enum_declaration name: (_) @name body: (_)? @body) @definition.enum
(enum_member_declaration name: (_) @name) @definition.enum_member
(delegate_declaration name: (_) @name) @definition.type_alias
(method_declaration name: (_) @name body: (_) @body) @definition.method
(method_declaration name: (_) @name !body) @declaration.method
(local_function_statement name: (_) @name body: (_) @body) @definition.function
(constructor_declaration name: (_) @name body: (_) @body) @definition.constructor
(destructor_declaration name: (_) @name.from-parent body: (_) @body) @definition.method
(operator_declaration operator: _ @name body: (_) @body) @definition.method
(conversion_operator_declaration type: (_) @name body: (_) @body) @definition.method
(indexer_declaration "this" @name accessors: (_)? @body) @definition.property
(property_declaration name: (_) @name accessors: (_)? @body) @definition.property
(event_declaration name: (_) @name) @definition.property
(event_field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field
(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field
(record_declaration (parameter_list (parameter name: (identifier) @name) @definition.property))

(variable_declaration (variable_declarator name: (identifier) @name)) @definition.variable
(parameter name: (identifier) @name) @definition.parameter
(parameter_list name: (identifier) @name @definition.parameter)
(implicit_parameter) @name @definition.parameter
(foreach_statement left: (identifier) @name @definition.variable)
(catch_declaration name: (identifier) @name) @definition.parameter
(declaration_pattern name: (identifier) @name @definition.variable)
(declaration_expression name: (identifier) @name @definition.variable)
(type_parameter name: (identifier) @name) @definition.type_parameter
(labeled_statement . (identifier) @name @definition.label)
(using_directive name: (identifier) @name) @definition.type_alias
