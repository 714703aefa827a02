(#look-through! "generic_type")
(package_declaration [(identifier) (scoped_identifier)] @name) @definition.package
(class_declaration name: (_) @name body: (_) @body) @definition.class
(record_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(enum_constant name: (_) @name) @definition.enum_member
(method_declaration name: (_) @name body: (_) @body) @definition.method
(method_declaration name: (_) @name !body) @declaration.method
(annotation_type_element_declaration name: (_) @name) @declaration.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.constructor
(compact_constructor_declaration name: (_) @name body: (_) @body) @definition.constructor
(field_declaration declarator: (variable_declarator name: (_) @name)) @definition.field
(constant_declaration declarator: (variable_declarator name: (_) @name)) @definition.constant
(record_declaration
  parameters: (formal_parameters (formal_parameter name: (_) @name) @definition.field))

(local_variable_declaration
  declarator: (variable_declarator name: (identifier) @name)) @definition.variable
(formal_parameter name: (identifier) @name) @definition.parameter
(spread_parameter (variable_declarator name: (identifier) @name)) @definition.parameter
(catch_formal_parameter name: (identifier) @name) @definition.parameter
(lambda_expression parameters: (identifier) @name @definition.parameter)
(inferred_parameters (identifier) @name @definition.parameter)
(enhanced_for_statement name: (identifier) @name @definition.variable)
(resource name: (identifier) @name) @definition.variable
(instanceof_expression name: (identifier) @name @definition.variable)
(type_pattern (identifier) @name @definition.variable)
(type_parameter . (type_identifier) @name) @definition.type_parameter
(labeled_statement . (identifier) @name @definition.label)
