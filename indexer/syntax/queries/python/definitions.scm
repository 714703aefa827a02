; What Python names. An assignment defines a name the first time in its scope.
(#widen! "decorated_definition")

(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)?) @body) @definition.function
(class_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc)?) @body) @definition.class
(class_definition
  body: (block
    (function_definition
      name: (identifier) @name
      body: (block . (expression_statement . (string) @doc)?) @body) @definition.method))
(class_definition
  body: (block
    (decorated_definition
      definition: (function_definition
        name: (identifier) @name
        body: (block . (expression_statement . (string) @doc)?) @body) @definition.method)))

(assignment left: (identifier) @name) @assignment.variable
(assignment left: (pattern_list (identifier) @name)) @assignment.variable
(assignment left: (tuple_pattern (identifier) @name)) @assignment.variable
(class_definition
  body: (block
    (expression_statement (assignment left: (identifier) @name) @assignment.field)))
(class_definition
  body: (block
    (expression_statement
      (assignment left: (pattern_list (identifier) @name)) @assignment.field)))
(assignment
  left: (attribute object: (identifier) @_self attribute: (identifier) @name)
  (#any-of? @_self "self" "cls")) @assignment.field
(type_alias_statement left: (type (identifier) @name)) @definition.type_alias

(parameters (identifier) @name @definition.parameter)
(parameters (default_parameter name: (identifier) @name) @definition.parameter)
(parameters (typed_parameter (identifier) @name) @definition.parameter)
(parameters (typed_default_parameter name: (identifier) @name) @definition.parameter)
(parameters (list_splat_pattern (identifier) @name) @definition.parameter)
(parameters (dictionary_splat_pattern (identifier) @name) @definition.parameter)
(parameters (typed_parameter (list_splat_pattern (identifier) @name)) @definition.parameter)
(parameters (typed_parameter (dictionary_splat_pattern (identifier) @name)) @definition.parameter)
(lambda_parameters (identifier) @name @definition.parameter)
(lambda_parameters (default_parameter name: (identifier) @name) @definition.parameter)
(lambda_parameters (list_splat_pattern (identifier) @name) @definition.parameter)
(lambda_parameters (dictionary_splat_pattern (identifier) @name) @definition.parameter)

(for_statement left: (identifier) @name @assignment.variable)
(for_statement left: (pattern_list (identifier) @name @assignment.variable))
(for_statement left: (tuple_pattern (identifier) @name @assignment.variable))
(for_in_clause left: (identifier) @name @assignment.variable)
(for_in_clause left: (pattern_list (identifier) @name @assignment.variable))
(for_in_clause left: (tuple_pattern (identifier) @name @assignment.variable))
(as_pattern_target (identifier) @name @assignment.variable)
(named_expression name: (identifier) @name @assignment.variable)
