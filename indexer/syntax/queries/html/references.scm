(attribute
  (attribute_name) @_source
  (quoted_attribute_value (attribute_value) @reference.import)
  (#any-of? @_source "src" "href" "SRC" "HREF"))
(attribute
  (attribute_name) @_class
  (quoted_attribute_value (attribute_value) @reference.use)
  (#any-of? @_class "class" "CLASS"))
