(function_declaration) @scope.function
(method_declaration) @scope.function
(func_literal) @scope.function
(type_spec) @scope.class
(block) @scope @block
(for_statement) @scope
(if_statement) @scope
(expression_case) @scope
(type_switch_statement) @scope
(communication_case) @scope

(field_declaration_list) @block
(literal_value) @block
(comment) @comment
(interpreted_string_literal) @string
(raw_string_literal) @string
(rune_literal) @string
