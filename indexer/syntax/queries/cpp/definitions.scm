; What C++ names beyond C.
(#inherits! "c")
(#look-through! "reference_declarator")
(#look-through! "qualified_identifier" "name")
(#look-through! "template_function" "name")
(#look-through! "template_method" "name")
(#look-through! "template_type" "name")
(#widen! "template_declaration")

(namespace_definition name: (_) @name body: (_) @body) @definition.namespace
(namespace_alias_definition name: (namespace_identifier) @name) @definition.namespace

(class_specifier name: (type_identifier) @name body: (_) @body) @definition.class
(translation_unit (class_specifier name: (type_identifier) @name !body) @declaration.class)
(declaration_list (class_specifier name: (type_identifier) @name !body) @declaration.class)
(declaration_list (struct_specifier name: (type_identifier) @name !body) @declaration.struct)
(declaration_list (union_specifier name: (type_identifier) @name !body) @declaration.union)
(declaration_list (enum_specifier name: (type_identifier) @name !body) @declaration.enum)
(template_declaration (class_specifier name: (type_identifier) @name !body) @declaration.class)
(template_declaration (struct_specifier name: (type_identifier) @name !body) @declaration.struct)
(field_declaration
  type: (class_specifier name: (type_identifier) @name !body) @declaration.class)
(field_declaration
  type: (struct_specifier name: (type_identifier) @name !body)
  !declarator) @declaration.struct
(alias_declaration name: (type_identifier) @name type: (_)) @definition.type_alias
(concept_definition name: (identifier) @name) @definition.trait

; Functions of a class: in it ...
(function_definition
  declarator: (function_declarator declarator: (field_identifier) @name)) @definition.method
(field_declaration
  declarator: (function_declarator declarator: (field_identifier) @name)) @declaration.method
(field_declaration
  declarator: (function_declarator
    declarator: (parenthesized_declarator
      (pointer_declarator declarator: (field_identifier) @name)))) @definition.field
(function_definition
  declarator: (function_declarator declarator: [(operator_name) (destructor_name)] @name)
  body: (_)? @body) @definition.method
(function_definition
  declarator: (function_declarator declarator: (field_identifier) @name)
  body: (_) @body) @definition.method
(field_declaration
  declarator: (function_declarator declarator: (operator_name) @name)) @declaration.method
(declaration
  declarator: (function_declarator
    declarator: [(operator_name) (destructor_name)] @name)) @declaration.method
(function_definition
  declarator: (operator_cast type: (_) @name.from-parent)
  body: (_)? @body) @definition.method
(declaration declarator: (operator_cast type: (_) @name.from-parent)) @declaration.method
(field_declaration declarator: (operator_cast type: (_) @name.from-parent)) @declaration.method

(field_declaration_list
  (function_definition
    !type
    declarator: (function_declarator declarator: (identifier) @name)
    body: (_)? @body) @definition.constructor)
(field_declaration_list
  (function_definition
    !type
    declarator: (function_declarator declarator: (identifier) @name)
    (field_initializer_list) @body) @definition.constructor)
(field_declaration_list
  (template_declaration
    (function_definition
      !type
      declarator: (function_declarator declarator: (identifier) @name)
      body: (_)? @body) @definition.constructor))
(field_declaration_list
  (declaration
    !type
    declarator: (function_declarator declarator: (identifier) @name)) @declaration.constructor)
(field_declaration_list
  (template_declaration
    (declaration
      !type
      declarator: (function_declarator declarator: (identifier) @name)) @declaration.constructor))

; ... and out of it: A::B::f.
(function_definition
  declarator: (function_declarator
    declarator: (qualified_identifier
      name: [(identifier) (operator_name) (destructor_name)] @name) @qualified)
  body: (_)? @body) @definition.method
(function_definition
  declarator: (qualified_identifier
    name: (operator_cast type: (_) @name.from-parent)) @qualified
  body: (_)? @body) @definition.method
(declaration
  declarator: (qualified_identifier name: (identifier) @name) @qualified) @definition.variable

; A free operator.
(translation_unit
  (function_definition
    declarator: (function_declarator declarator: (operator_name) @name)
    body: (_)? @body) @definition.function)
(declaration_list
  (function_definition
    declarator: (function_declarator declarator: (operator_name) @name)
    body: (_)? @body) @definition.function)

(declaration_list
  (function_definition
    declarator: (function_declarator
      declarator: (qualified_identifier name: (operator_name) @name) @qualified)
    body: (_)? @body) @definition.method)
(translation_unit
  (function_definition
    declarator: (function_declarator
      declarator: (qualified_identifier name: (operator_name) @name) @qualified)
    body: (_)? @body) @definition.method)

; Templates of a class: their names are plain identifiers.
(field_declaration_list
  (template_declaration
    (function_definition
      type: (_)
      declarator: (function_declarator declarator: (identifier) @name)
      body: (_)? @body) @definition.method))
(field_declaration_list
  (template_declaration
    (declaration
      type: (_)
      declarator: (function_declarator declarator: (identifier) @name)) @declaration.method))

; Defaulted, deleted and try-block functions have no compound body.
(function_definition
  declarator: (function_declarator declarator: (identifier) @name)) @definition.function

; Local names.
(template_parameter_list
  (type_parameter_declaration (type_identifier) @name) @definition.type_parameter)
(template_parameter_list
  (variadic_type_parameter_declaration (type_identifier) @name) @definition.type_parameter)
(template_parameter_list
  (optional_type_parameter_declaration name: (type_identifier) @name) @definition.type_parameter)
(template_parameter_list
  (parameter_declaration declarator: (identifier) @name) @definition.parameter)
(template_parameter_list
  (optional_parameter_declaration declarator: (identifier) @name) @definition.parameter)
(function_definition
  declarator: (function_declarator
    parameters: (parameter_list
      (optional_parameter_declaration declarator: (identifier) @name) @definition.parameter)))
(function_definition
  declarator: (function_declarator
    parameters: (parameter_list
      (variadic_parameter_declaration
        declarator: (variadic_declarator (identifier) @name)) @definition.parameter)))
(lambda_expression
  declarator: (_
    parameters: (parameter_list
      (parameter_declaration declarator: (identifier) @name) @definition.parameter)))
(lambda_capture_specifier (lambda_capture_initializer left: (identifier) @name @definition.variable))
(catch_clause
  parameters: (parameter_list
    (parameter_declaration declarator: (identifier) @name) @definition.parameter))
(for_range_loop declarator: (identifier) @name @definition.variable)
(structured_binding_declarator (identifier) @name @definition.variable)
(condition_clause value: (declaration declarator: (identifier) @name) @definition.variable)
