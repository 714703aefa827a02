(identifier) @reference.use
(attribute attribute: (identifier) @reference.use.member)
(call function: (identifier) @reference.call)
(call function: (attribute attribute: (identifier) @reference.call.member))
(decorator (identifier) @reference.call)
(decorator (call function: (identifier) @reference.call))
(type (identifier) @reference.type)
(type (generic_type (identifier) @reference.type))
(type (subscript value: (identifier) @reference.type))
(class_definition superclasses: (argument_list (identifier) @reference.inherit))
(class_definition
  superclasses: (argument_list (attribute attribute: (identifier) @reference.inherit.member)))

(import_statement name: (dotted_name) @reference.import)
(import_statement name: (aliased_import name: (dotted_name) @reference.import))
(import_from_statement module_name: (dotted_name) @reference.import)
(import_from_statement module_name: (relative_import) @reference.import)
(import_from_statement name: (dotted_name) @reference.import)
(import_from_statement name: (aliased_import name: (dotted_name) @reference.import))

(assignment left: (identifier) @reference.write)
(augmented_assignment left: (identifier) @reference.write)
(assignment left: (attribute attribute: (identifier) @reference.write.member))
(augmented_assignment left: (attribute attribute: (identifier) @reference.write.member))

; f(key=value) names a parameter of f, not a thing seen from here.
(keyword_argument name: (identifier) @ignore)
