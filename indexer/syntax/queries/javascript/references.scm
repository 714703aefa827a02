(#inherits! "ecmascript" "jsx")
(class_heritage (identifier) @reference.inherit)
(class_heritage (member_expression property: (property_identifier) @reference.inherit.member))
