(section) @block
(list) @block
(fenced_code_block) @block
(html_block) @comment
