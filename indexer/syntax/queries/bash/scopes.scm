(function_definition) @scope.function
(subshell) @scope

(compound_statement) @block
(do_group) @block
(if_statement) @block
(case_item) @block
(comment) @comment
(string) @string
(raw_string) @string
(ansi_c_string) @string
(heredoc_body) @string
