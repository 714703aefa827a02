(#look-through! "pointer_type")
(#look-through! "parenthesized_type")
(#look-through! "generic_type" "type")

(package_clause (package_identifier) @name) @definition.package
(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (type_identifier) @receiver))
  name: (field_identifier) @name
  body: (_)? @body) @definition.method
(type_spec name: (type_identifier) @name) @definition.type_alias
(type_alias name: (type_identifier) @name) @definition.type_alias
(type_spec
  name: (type_identifier) @name
  type: (struct_type (field_declaration_list) @body)) @definition.struct
(type_spec name: (type_identifier) @name type: (interface_type) @body) @definition.interface
(field_declaration name: (field_identifier) @name) @definition.field
(field_declaration !name type: (type_identifier) @name) @definition.field
(field_declaration !name type: (qualified_type name: (type_identifier) @name)) @definition.field
(method_elem name: (field_identifier) @name) @declaration.method
(const_spec name: (identifier) @name) @definition.constant
(var_spec name: (identifier) @name) @definition.variable

(short_var_declaration left: (expression_list (identifier) @name)) @assignment.variable
(range_clause left: (expression_list (identifier) @name @assignment.variable))
(receive_statement left: (expression_list (identifier) @name @assignment.variable))
(type_switch_statement alias: (expression_list (identifier) @name @definition.variable))
(function_declaration
  parameters: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(function_declaration
  parameters: (parameter_list
    (variadic_parameter_declaration name: (identifier) @name) @definition.parameter))
(function_declaration
  result: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(method_declaration
  receiver: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(method_declaration
  parameters: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(method_declaration
  parameters: (parameter_list
    (variadic_parameter_declaration name: (identifier) @name) @definition.parameter))
(method_declaration
  result: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(func_literal
  parameters: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(func_literal
  parameters: (parameter_list
    (variadic_parameter_declaration name: (identifier) @name) @definition.parameter))
(func_literal
  result: (parameter_list
    (parameter_declaration name: (identifier) @name) @definition.parameter))
(type_parameter_declaration name: (identifier) @name) @definition.type_parameter
(labeled_statement label: (label_name) @name @definition.label)
