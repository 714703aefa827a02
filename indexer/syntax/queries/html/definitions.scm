; What a page names: elements with an id or a name, headings and the title by their text.
(attribute
  (attribute_name) @_id
  (quoted_attribute_value (attribute_value) @name)
  (#any-of? @_id "id")) @definition.element
(attribute
  (attribute_name) @_name
  (quoted_attribute_value (attribute_value) @name)
  (#any-of? @_name "name")) @definition.label
(element
  (start_tag (tag_name) @_heading)
  (text) @name
  (#any-of? @_heading "h1" "h2" "h3" "h4" "h5" "h6" "title")) @definition.heading
