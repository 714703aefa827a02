(#inherits! "c")
(template_declaration) @scope
(class_specifier) @scope.class
(struct_specifier) @scope.class
(lambda_expression) @scope.function
(for_range_loop) @scope
(catch_clause) @scope
(if_statement) @scope
(while_statement) @scope

(declaration_list) @block
(raw_string_literal) @string
