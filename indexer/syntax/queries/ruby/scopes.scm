(method) @scope.function
(singleton_method) @scope.function
(lambda) @scope.function
(block) @scope.function @block
(do_block) @scope.function @block
(class) @scope.class
(module) @scope.class
(singleton_class) @scope

(body_statement) @block
(then) @block
(do) @block
(comment) @comment
(string) @string
(heredoc_body) @string
(regex) @string
(subshell) @string
(string_array) @string
