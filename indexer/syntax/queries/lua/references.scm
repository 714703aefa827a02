(identifier) @reference.use
(function_call name: (identifier) @reference.call)
(function_call name: (dot_index_expression field: (identifier) @reference.call.member))
(function_call name: (method_index_expression method: (identifier) @reference.call.member))
(dot_index_expression field: (identifier) @reference.use.member)
(assignment_statement (variable_list name: (identifier) @reference.write))
(assignment_statement
  (variable_list name: (dot_index_expression field: (identifier) @reference.write.member)))
(function_call
  name: (identifier) @_require
  arguments: (arguments (string) @reference.import)
  (#any-of? @_require "require" "dofile" "loadfile"))
(field name: (identifier) @ignore)
(goto_statement (identifier) @ignore)
