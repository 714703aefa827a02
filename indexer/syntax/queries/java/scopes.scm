(method_declaration) @scope.function
(constructor_declaration) @scope.function
(compact_constructor_declaration) @scope.function
(static_initializer) @scope.function
(lambda_expression) @scope.function
(class_declaration) @scope.class
(record_declaration) @scope.class
(interface_declaration) @scope.class
(enum_declaration) @scope.class
(block) @scope @block
(for_statement) @scope
(enhanced_for_statement) @scope
(catch_clause) @scope
(try_with_resources_statement) @scope

(class_body) @block
(interface_body) @block
(enum_body) @block
(constructor_body) @block
(switch_block) @block
(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(character_literal) @string
