(block) @block
(keyframe_block_list) @block
(comment) @comment
(js_comment) @comment
(string_value) @string
