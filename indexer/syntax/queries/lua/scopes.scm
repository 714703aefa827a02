(function_declaration) @scope.function
(function_definition) @scope.function
(for_statement) @scope
(do_statement) @scope
(block) @block
(table_constructor) @block
(comment) @comment
(string) @string
