(function_declaration) @scope.function
(init_declaration) @scope.function
(deinit_declaration) @scope.function
(subscript_declaration) @scope.function
(lambda_literal) @scope.function
(computed_property) @scope.function
(protocol_function_declaration) @scope
(class_declaration) @scope.class
(protocol_declaration) @scope.class
(statements) @block
(for_statement) @scope
(catch_block) @scope

(class_body) @block
(enum_class_body) @block
(protocol_body) @block
(function_body) @scope @block
(comment) @comment
(multiline_comment) @comment
(line_string_literal) @string
(multi_line_string_literal) @string
(raw_string_literal) @string
