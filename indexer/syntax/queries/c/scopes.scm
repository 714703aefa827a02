(function_definition) @scope.function
(compound_statement) @scope @block
(for_statement) @scope

(field_declaration_list) @block
(enumerator_list) @block
(initializer_list) @block

(comment) @comment
(string_literal) @string
(char_literal) @string
(system_lib_string) @string
