(object) @block
(array) @block
(comment) @comment
(string) @string
