(class_selector (class_name) @name) @definition.selector
(id_selector (id_name) @name) @definition.selector
(selectors (tag_name) @name) @definition.selector
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @definition.function
; Custom properties are named here and used elsewhere; others are the language's.
(declaration (property_name) @name (#starts-with? @name "--")) @definition.property
