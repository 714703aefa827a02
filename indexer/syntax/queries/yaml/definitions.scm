(block_mapping_pair key: (flow_node (plain_scalar) @name)) @definition.key
(block_mapping_pair key: (flow_node [(double_quote_scalar) (single_quote_scalar)] @name))
  @definition.key
(flow_pair key: (flow_node (plain_scalar) @name)) @definition.key
(flow_pair key: (flow_node [(double_quote_scalar) (single_quote_scalar)] @name)) @definition.key
(anchor (anchor_name) @name) @definition.label
