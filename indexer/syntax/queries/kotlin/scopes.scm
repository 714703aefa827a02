(function_declaration) @scope.function
(secondary_constructor) @scope.function
(anonymous_initializer) @scope.function
(lambda_literal) @scope.function
(getter) @scope.function
(setter) @scope.function
(class_declaration) @scope.class
(object_declaration) @scope.class
(companion_object) @scope.class
(block) @scope @block
(for_statement) @scope
(catch_block) @scope
(when_expression) @scope

(class_body) @block
(enum_class_body) @block
(function_body) @block
(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(multiline_string_literal) @string
