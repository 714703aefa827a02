(#look-through! "tuple_pattern")
(#look-through! "mut_pattern")
(#look-through! "ref_pattern")
(#look-through! "reference_pattern")
(#look-through! "slice_pattern")
(#look-through! "captured_pattern")
(#look-through! "tuple_struct_pattern")
(#look-through! "struct_pattern")
(#look-through! "field_pattern" "pattern" "name")
(#look-through! "generic_type" "type")
(#look-through! "scoped_type_identifier" "name")

(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @declaration.function
(impl_item
  body: (declaration_list (function_item name: (_) @name body: (_) @body) @definition.method))
(trait_item
  body: (declaration_list (function_item name: (_) @name body: (_) @body) @definition.method))
(trait_item
  body: (declaration_list (function_signature_item name: (_) @name) @declaration.method))
; impl blocks give their type's name to what is inside.
(impl_item type: (type_identifier) @name body: (_)) @container

(struct_item name: (_) @name body: (_)? @body) @definition.struct
(union_item name: (_) @name body: (_) @body) @definition.union
(enum_item name: (_) @name body: (_) @body) @definition.enum
(enum_variant name: (_) @name) @definition.enum_member
(field_declaration name: (_) @name) @definition.field
(trait_item name: (_) @name body: (_) @body) @definition.trait
(type_item name: (_) @name) @definition.type_alias
(associated_type name: (_) @name) @declaration.type_alias
(mod_item name: (_) @name body: (_) @body) @definition.module
(mod_item name: (_) @name !body) @declaration.module
(macro_definition name: (_) @name (macro_rule) @body) @definition.macro
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.variable

(let_declaration
  pattern: [(identifier) (shorthand_field_identifier)] @name) @definition.variable
(let_condition
  pattern: [(identifier) (shorthand_field_identifier)] @name @definition.variable)
(for_expression
  pattern: [(identifier) (shorthand_field_identifier)] @name @definition.variable)
(match_pattern
  [(identifier) (shorthand_field_identifier)] @name @definition.variable)
(parameter pattern: (identifier) @name) @definition.parameter
(closure_parameters (identifier) @name @definition.parameter)
(type_parameter name: (type_identifier) @name) @definition.type_parameter
(const_parameter name: (identifier) @name) @definition.parameter
