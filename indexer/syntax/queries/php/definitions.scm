(#look-through! "variable_name")
(namespace_definition name: (_) @name body: (_)? @body) @definition.namespace
(class_declaration name: (name) @name body: (_) @body) @definition.class
(interface_declaration name: (name) @name body: (_) @body) @definition.interface
(trait_declaration name: (name) @name body: (_) @body) @definition.trait
(enum_declaration name: (name) @name body: (_) @body) @definition.enum
(enum_case name: (name) @name) @definition.enum_member
(function_definition name: (name) @name body: (_) @body) @definition.function
(method_declaration name: (name) @name body: (_) @body) @definition.method
(method_declaration name: (name) @name !body) @declaration.method
(const_declaration (const_element . (name) @name)) @definition.constant
(function_call_expression
  function: (name) @_define
  arguments: (arguments . (argument (string (string_content) @name)))
  (#eq? @_define "define")) @definition.constant
(property_declaration (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @assignment.field
(namespace_use_clause alias: (name) @name) @definition.type_alias

(assignment_expression left: (variable_name (name) @name)) @assignment.variable
(assignment_expression
  left: (list_literal (variable_name (name) @name))) @assignment.variable
(assignment_expression
  left: (member_access_expression
    object: (variable_name (name) @_this)
    name: (name) @name)
  (#eq? @_this "this")) @assignment.field
(simple_parameter name: (variable_name (name) @name)) @definition.parameter
(variadic_parameter name: (variable_name (name) @name)) @definition.parameter
(foreach_statement (variable_name (name) @name @assignment.variable))
(foreach_statement (pair (variable_name (name) @name @assignment.variable)))
(catch_clause name: (variable_name (name) @name @assignment.variable))
(static_variable_declaration name: (variable_name (name) @name)) @assignment.variable
