(function_item) @scope.function
(closure_expression) @scope.function
(function_signature_item) @scope
(impl_item) @scope.class
(struct_item) @scope.class
(enum_item) @scope.class
(union_item) @scope.class
(trait_item) @scope.class
(type_item) @scope
(block) @scope @block
(match_arm) @scope
(for_expression) @scope
(if_expression) @scope
(while_expression) @scope

(declaration_list) @block
(field_declaration_list) @block
(enum_variant_list) @block
(match_block) @block
(attribute_item) @attribute
(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(raw_string_literal) @string
(char_literal) @string
