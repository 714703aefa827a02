; A section belongs to its heading; a heading inside another section is its own end.
(section . (atx_heading heading_content: (inline) @name)) @definition.heading
(atx_heading heading_content: (inline) @name) @definition.heading
(setext_heading heading_content: (paragraph) @name) @definition.heading
(link_reference_definition (link_label) @name) @definition.label
