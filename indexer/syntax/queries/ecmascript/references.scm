(identifier) @reference.use
(shorthand_property_identifier) @reference.use
(property_identifier) @reference.use.member
(private_property_identifier) @reference.use.member

(call_expression function: (identifier) @reference.call)
(call_expression
  function: (member_expression
    property: [(property_identifier) (private_property_identifier)] @reference.call.member))
(new_expression constructor: (identifier) @reference.call)
(new_expression
  constructor: (member_expression property: (property_identifier) @reference.call.member))
(decorator (identifier) @reference.call)

(assignment_expression left: (identifier) @reference.write)
(augmented_assignment_expression left: (identifier) @reference.write)
(update_expression argument: (identifier) @reference.write)
(assignment_expression
  left: (member_expression
    property: [(property_identifier) (private_property_identifier)] @reference.write.member))
(augmented_assignment_expression
  left: (member_expression
    property: [(property_identifier) (private_property_identifier)] @reference.write.member))

(import_statement source: (string) @reference.import)
(export_statement source: (string) @reference.import)
(import_specifier name: (identifier) @reference.import)
(import_specifier alias: (identifier) @ignore)
(import_clause (identifier) @reference.import)
(namespace_import (identifier) @ignore)
(call_expression
  function: (identifier) @_require
  arguments: (arguments (string) @reference.import)
  (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments (string) @reference.import))

; Keys of literals are no uses; what they name is a symbol, or nobody's.
(pair key: (property_identifier) @ignore)
(pair_pattern key: (property_identifier) @reference.use.member)
(labeled_statement label: (statement_identifier) @ignore)
