(package_clause name: (package_identifier) @name) @definition.package
(package_object name: (_) @name body: (_)? @body) @definition.module
(object_definition name: (_) @name body: (_)? @body) @definition.module
(class_definition name: (_) @name body: (_)? @body) @definition.class
(trait_definition name: (_) @name body: (_)? @body) @definition.trait
(enum_definition name: (_) @name body: (_)? @body) @definition.enum
(simple_enum_case name: (_) @name) @definition.enum_member
(full_enum_case name: (_) @name) @definition.enum_member
(type_definition name: (_) @name) @definition.type_alias
(given_definition name: (_) @name) @definition.variable
(function_definition name: (_) @name body: (_)? @body) @definition.function
(function_declaration name: (_) @name) @declaration.function
(template_body (function_definition name: (_) @name body: (_)? @body) @definition.method)
(template_body (function_declaration name: (_) @name) @declaration.method)
(template_body
  (function_definition name: (_) @name body: (_)? @body (#eq? @name "this")) @definition.constructor)
(val_definition pattern: (identifier) @name) @definition.variable
(var_definition pattern: (identifier) @name) @definition.variable
(val_definition pattern: (tuple_pattern (identifier) @name)) @definition.variable
(val_definition pattern: (identifiers (identifier) @name)) @definition.variable
(template_body (val_definition pattern: (identifier) @name) @definition.field)
(template_body (var_definition pattern: (identifier) @name) @definition.field)
(template_body (val_definition pattern: (tuple_pattern (identifier) @name)) @definition.field)
(val_declaration name: (identifier) @name) @declaration.field
(var_declaration name: (identifier) @name) @declaration.field
(class_parameter name: (identifier) @name) @definition.field

(parameter name: (identifier) @name) @definition.parameter
(binding name: (identifier) @name) @definition.parameter
(lambda_expression parameters: (identifier) @name @definition.parameter)
(enumerator . (identifier) @name @definition.variable)
(typed_pattern pattern: (identifier) @name @definition.variable)
(case_class_pattern pattern: (identifier) @name @definition.variable)
(case_clause pattern: (identifier) @name @definition.variable)
(type_parameters name: (identifier) @name @definition.type_parameter)
(covariant_type_parameter name: (identifier) @name) @definition.type_parameter
(contravariant_type_parameter name: (identifier) @name) @definition.type_parameter
