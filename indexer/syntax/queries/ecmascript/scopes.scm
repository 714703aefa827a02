(function_declaration) @scope.function
(function_expression) @scope.function
(generator_function_declaration) @scope.function
(generator_function) @scope.function
(arrow_function) @scope.function
(method_definition) @scope.function
(class_declaration) @scope.class
(class) @scope.class
(statement_block) @scope @block
(for_statement) @scope
(for_in_statement) @scope
(catch_clause) @scope

(class_body) @block
(object) @block
(switch_body) @block
(comment) @comment
(string) @string
(template_string) @string
(regex) @string
