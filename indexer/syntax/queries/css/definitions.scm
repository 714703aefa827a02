(class_selector (class_name) @name) @definition.selector
(id_selector (id_name) @name) @definition.selector
(selectors (tag_name) @name) @definition.selector
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @definition.function
; Custom properties are named here and used elsewhere; others are the language's.
(declaration (property_name) @name (#starts-with? @name "--")) @definition.property
(descendant_selector (tag_name) @name) @definition.selector
(child_selector (tag_name) @name) @definition.selector
(adjacent_sibling_selector (tag_name) @name) @definition.selector
(sibling_selector (tag_name) @name) @definition.selector
(pseudo_class_selector (tag_name) @name) @definition.selector
(pseudo_element_selector . (tag_name) @name) @definition.selector
(attribute_selector . (tag_name) @name) @definition.selector
