(#inherits! "ecmascript")
(#widen! "ambient_declaration")

(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(type_alias_declaration name: (_) @name value: (_) @body) @definition.type_alias
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(enum_body name: (_) @name @definition.enum_member)
(enum_assignment name: (_) @name) @definition.enum_member
(internal_module name: (_) @name body: (_) @body) @definition.namespace
(module name: (_) @name body: (_)? @body) @definition.module
(function_signature name: (_) @name) @declaration.function
(method_signature
  name: [(property_identifier) (private_property_identifier) (string) (number)] @name)
  @declaration.method
(abstract_method_signature
  name: [(property_identifier) (private_property_identifier) (string)] @name) @declaration.method
(property_signature
  name: [(property_identifier) (private_property_identifier) (string) (number)] @name)
  @definition.property
(public_field_definition
  name: [(property_identifier) (private_property_identifier) (string) (number)] @name)
  @definition.field
(public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @definition.method

(required_parameter
  pattern: [(identifier) (shorthand_property_identifier_pattern)] @name) @definition.parameter
(optional_parameter
  pattern: [(identifier) (shorthand_property_identifier_pattern)] @name) @definition.parameter
; constructor(private x: number) makes a field.
(required_parameter (accessibility_modifier) pattern: (identifier) @name) @assignment.field
(optional_parameter (accessibility_modifier) pattern: (identifier) @name) @assignment.field
(type_parameter name: (type_identifier) @name) @definition.type_parameter
