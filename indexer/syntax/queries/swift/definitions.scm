(protocol_declaration name: (_) @name body: (_) @body) @definition.interface
(class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(class_declaration declaration_kind: "struct" name: (type_identifier) @name body: (_) @body)
  @definition.struct
(class_declaration declaration_kind: "enum" name: (type_identifier) @name body: (_) @body)
  @definition.enum
; An extension gives the type's name to what is inside.
(class_declaration
  declaration_kind: "extension"
  name: (user_type (type_identifier) @name)
  body: (_)) @container
(enum_entry name: (simple_identifier) @name) @definition.enum_member
(typealias_declaration name: (type_identifier) @name) @definition.type_alias
(associatedtype_declaration name: (type_identifier) @name) @declaration.type_alias
(function_declaration name: (simple_identifier) @name body: (_) @body) @definition.function
(function_declaration name: ["==" "<" ">" "<=" ">=" "!=" "+" "-" "*" "/"] @name body: (_) @body)
  @definition.function
(class_body
  (function_declaration
    name: [(simple_identifier) "==" "<" ">" "<=" ">=" "!=" "+" "-" "*" "/"] @name
    body: (_) @body) @definition.method)
(enum_class_body
  (function_declaration name: (simple_identifier) @name body: (_) @body) @definition.method)
(protocol_function_declaration name: (simple_identifier) @name) @declaration.method
(protocol_property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)) @declaration.property
(init_declaration name: "init" @name body: (_)? @body) @definition.constructor
(deinit_declaration "deinit" @name body: (_) @body) @definition.method
(subscript_declaration "subscript" @name) @definition.method

(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)) @definition.variable
(property_declaration
  name: (pattern (pattern (simple_identifier) @name))) @definition.variable
(class_body
  (property_declaration
    name: (pattern bound_identifier: (simple_identifier) @name)
    computed_value: (_)? @body) @definition.property)
(enum_class_body
  (property_declaration
    name: (pattern bound_identifier: (simple_identifier) @name)
    computed_value: (_)? @body) @definition.property)
(parameter name: (simple_identifier) @name) @definition.parameter
(lambda_parameter name: (simple_identifier) @name) @definition.parameter
(for_statement item: (pattern bound_identifier: (simple_identifier) @name @definition.variable))
(guard_statement bound_identifier: (simple_identifier) @name @definition.variable)
(if_statement bound_identifier: (simple_identifier) @name @definition.variable)
(catch_block
  error: (pattern (pattern bound_identifier: (simple_identifier) @name @definition.variable)))
(type_parameter . (type_identifier) @name) @definition.type_parameter
