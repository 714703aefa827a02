(function_definition) @scope.function
(function_declaration) @scope
(lambda_expression) @scope.function
(class_definition) @scope.class
(trait_definition) @scope.class
(object_definition) @scope.class
(enum_definition) @scope.class
(block) @scope @block
(case_clause) @scope
(for_expression) @scope.function

(template_body) @block
(case_block) @block
(annotation) @attribute
(comment) @comment
(block_comment) @comment
(string) @string
(interpolated_string) @string
