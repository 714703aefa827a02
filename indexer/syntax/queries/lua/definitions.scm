(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
(function_declaration
  name: (dot_index_expression table: (_) @receiver field: (identifier) @name)
  body: (_)? @body) @definition.function
(function_declaration
  name: (method_index_expression table: (_) @receiver method: (identifier) @name)
  body: (_)? @body) @definition.method

(variable_declaration
  (assignment_statement (variable_list name: (identifier) @name))) @definition.variable
(variable_declaration (variable_list name: (identifier) @name)) @definition.variable
(variable_declaration
  (assignment_statement
    (variable_list name: (identifier) @name)
    (expression_list . value: (function_definition)))) @definition.function
(assignment_statement (variable_list name: (identifier) @name)) @assignment.variable
(assignment_statement
  (variable_list name: (identifier) @name)
  (expression_list . value: (function_definition))) @assignment.function
(assignment_statement
  (variable_list name: (dot_index_expression table: (_) @receiver field: (identifier) @name)))
  @assignment.field
(assignment_statement
  (variable_list name: (dot_index_expression table: (_) @receiver field: (identifier) @name))
  (expression_list . value: (function_definition))) @definition.function
(field name: (identifier) @name) @definition.field
(field name: (identifier) @name value: (function_definition)) @definition.method

(parameters name: (identifier) @name @definition.parameter)
(for_generic_clause (variable_list name: (identifier) @name @definition.variable))
(for_numeric_clause name: (identifier) @name @definition.variable)
(label_statement (identifier) @name @definition.label)
; [key] = function() end; t[key] = function() end
(field name: (_) @name value: (function_definition)) @definition.method
(field name: (string (string_content) @name) value: (function_definition)) @definition.method
(assignment_statement
  (variable_list name: (bracket_index_expression table: (_) @receiver field: (_) @name))
  (expression_list . value: (function_definition))) @definition.function
(assignment_statement
  (variable_list
    name: (bracket_index_expression table: (_) @receiver field: (string (string_content) @name)))
  (expression_list . value: (function_definition))) @definition.function
