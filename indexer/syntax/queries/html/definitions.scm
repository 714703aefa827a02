; What a page names: elements with an id or a name, headings and the title by their text.
(attribute
  (attribute_name) @_id
  (quoted_attribute_value (attribute_value) @name)
  (#any-of? @_id "id" "ID")) @definition.element
(attribute
  (attribute_name) @_id
  (attribute_value) @name
  (#any-of? @_id "id" "ID")) @definition.element
(attribute
  (attribute_name) @_name
  (quoted_attribute_value (attribute_value) @name)
  (#any-of? @_name "name" "NAME")) @definition.label
(attribute
  (attribute_name) @_name
  (attribute_value) @name
  (#any-of? @_name "name" "NAME")) @definition.label
; The name is the element's text; its tags are taken out of it.
((element
   (start_tag (tag_name) @_heading)) @name @definition.heading
  (#any-of? @_heading
    "h1" "h2" "h3" "h4" "h5" "h6" "title" "H1" "H2" "H3" "H4" "H5" "H6" "TITLE"))
