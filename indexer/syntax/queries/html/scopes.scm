(element) @block
(script_element) @block
(style_element) @block
(comment) @comment
(quoted_attribute_value) @string
