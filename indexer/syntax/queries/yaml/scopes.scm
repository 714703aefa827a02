(block_mapping) @block
(block_sequence) @block
(flow_mapping) @block
(flow_sequence) @block
(comment) @comment
(double_quote_scalar) @string
(single_quote_scalar) @string
(block_scalar) @string
