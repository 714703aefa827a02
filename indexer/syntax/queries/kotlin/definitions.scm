(#look-through! "nullable_type")
(package_header (qualified_identifier) @name) @definition.package
(class_declaration name: (identifier) @name [(class_body) (enum_class_body)]? @body)
  @definition.class
(class_declaration "interface" name: (identifier) @name (class_body)? @body) @definition.interface
(class_declaration name: (identifier) @name (enum_class_body) @body) @definition.enum
(object_declaration name: (identifier) @name (class_body)? @body) @definition.class
(companion_object name: (identifier) @name (class_body)? @body) @definition.class
(enum_entry . (identifier) @name) @definition.enum_member
(type_alias type: (identifier) @name) @definition.type_alias
(function_declaration name: (identifier) @name (function_body)? @body) @definition.function
(class_body (function_declaration name: (identifier) @name (function_body) @body) @definition.method)
(class_body (function_declaration name: (identifier) @name) @definition.method)
(enum_class_body (function_declaration name: (identifier) @name) @definition.method)
(secondary_constructor "constructor" @name (block)? @body) @definition.constructor
(property_declaration (variable_declaration . (identifier) @name)) @definition.variable
(property_declaration
  (multi_variable_declaration (variable_declaration . (identifier) @name))) @definition.variable
(class_body (property_declaration (variable_declaration . (identifier) @name)) @definition.property)
(enum_class_body
  (property_declaration (variable_declaration . (identifier) @name)) @definition.property)
(class_parameter (identifier) @name.first) @definition.parameter
(class_parameter "val" (identifier) @name.first) @definition.property
(class_parameter "var" (identifier) @name.first) @definition.property

(parameter (identifier) @name.first) @definition.parameter
(lambda_parameters (variable_declaration (identifier) @name) @definition.parameter)
(lambda_parameters
  (multi_variable_declaration (variable_declaration (identifier) @name) @definition.parameter))
(for_statement (variable_declaration (identifier) @name) @definition.variable)
(for_statement
  (multi_variable_declaration (variable_declaration (identifier) @name) @definition.variable))
(when_subject (variable_declaration (identifier) @name) @definition.variable)
(catch_block (identifier) @name @definition.variable)
(type_parameter (identifier) @name.first) @definition.type_parameter
(companion_object !name "object" @name (class_body)? @body) @definition.class
(secondary_constructor
  (function_value_parameters (parameter (identifier) @name.first) @definition.parameter))
