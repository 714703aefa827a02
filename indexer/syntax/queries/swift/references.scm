(simple_identifier) @reference.use
(type_identifier) @reference.type
(call_expression . (simple_identifier) @reference.call)
(call_expression
  . (navigation_expression
    suffix: (navigation_suffix suffix: (simple_identifier) @reference.call.member)))
(navigation_suffix suffix: (simple_identifier) @reference.use.member)
(inheritance_specifier
  inherits_from: (user_type (type_identifier) @reference.inherit))
(assignment
  target: (directly_assignable_expression (simple_identifier) @reference.write))
(assignment
  target: (directly_assignable_expression
    (navigation_expression
      suffix: (navigation_suffix suffix: (simple_identifier) @reference.write.member))))
(import_declaration (identifier) @reference.import)
(parameter external_name: (simple_identifier) @ignore)
(value_argument_label (simple_identifier) @ignore)
(enum_type_parameters (simple_identifier) @ignore)
