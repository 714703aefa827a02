; What C names. A declarator is nested around its name (`*(*f[3])(int)`); patterns see through the
; nodes named here.
(#look-through! "pointer_declarator" "declarator")
(#look-through! "array_declarator" "declarator")
(#look-through! "init_declarator" "declarator")
(#look-through! "parenthesized_declarator")
(#look-through! "attributed_declarator")

; Functions.
(function_definition
  declarator: (function_declarator declarator: (identifier) @name)
  body: (_) @body) @definition.function
(declaration
  declarator: (function_declarator declarator: (identifier) @name)) @declaration.function
(function_definition
  declarator: (function_declarator
    parameters: (parameter_list
      (parameter_declaration declarator: (identifier) @name) @definition.parameter)))
(function_definition
  declarator: (function_declarator
    parameters: (parameter_list
      (parameter_declaration
        declarator: (function_declarator declarator: (identifier) @name)) @definition.parameter)))

; Variables; `int (*f)(int)` is one too.
(declaration declarator: (identifier) @name) @definition.variable
(declaration
  (storage_class_specifier "extern")
  declarator: (identifier) @name) @declaration.variable
(declaration
  declarator: (function_declarator
    declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name)))) @definition.variable

; Types.
(struct_specifier name: (type_identifier) @name body: (_) @body) @definition.struct
(union_specifier name: (type_identifier) @name body: (_) @body) @definition.union
(enum_specifier name: (type_identifier) @name body: (_) @body) @definition.enum
(enumerator name: (identifier) @name) @definition.enum_member
(type_definition declarator: (type_identifier) @name) @definition.type_alias
(type_definition
  declarator: (function_declarator declarator: (type_identifier) @name)) @definition.type_alias
; typedef struct {...} T; names the struct itself.
(type_definition
  type: (struct_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @definition.struct
(type_definition
  type: (union_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @definition.union
(type_definition
  type: (enum_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @definition.enum

; `struct S;` stands where a statement could; `struct S s;` is a use.
(translation_unit (struct_specifier name: (type_identifier) @name !body) @declaration.struct)
(translation_unit (union_specifier name: (type_identifier) @name !body) @declaration.union)
(translation_unit (enum_specifier name: (type_identifier) @name !body) @declaration.enum)
(preproc_ifdef (struct_specifier name: (type_identifier) @name !body) @declaration.struct)
(preproc_if (struct_specifier name: (type_identifier) @name !body) @declaration.struct)

; Members. `int (*f)(int);` in a struct is a field.
(field_declaration declarator: (field_identifier) @name) @definition.field
(field_declaration
  declarator: (function_declarator declarator: (field_identifier) @name)) @definition.field

; Macros and labels.
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro
(labeled_statement label: (statement_identifier) @name @definition.label)
(type_definition declarator: (primitive_type) @name) @definition.type_alias
