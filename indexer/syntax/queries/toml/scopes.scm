(table) @block
(array) @block
(inline_table) @block
(comment) @comment
(string) @string
