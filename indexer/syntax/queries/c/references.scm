; What C uses. The general first; a longer pattern counts more.
(identifier) @reference.use
(type_identifier) @reference.type
(field_identifier) @reference.use.member

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (field_identifier) @reference.call.member))

(assignment_expression left: (identifier) @reference.write)
(assignment_expression left: (field_expression field: (field_identifier) @reference.write.member))
(update_expression argument: (identifier) @reference.write)
(update_expression argument: (field_expression field: (field_identifier) @reference.write.member))
(field_designator (field_identifier) @reference.write.member)

(preproc_include path: (string_literal (string_content) @reference.import))
(preproc_include path: (system_lib_string) @reference.import)
(preproc_ifdef name: (identifier) @reference.macro_use)
(preproc_defined (identifier) @reference.macro_use)
(preproc_if condition: (identifier) @reference.macro_use)
(preproc_elif condition: (identifier) @reference.macro_use)

; The name of a prototype's parameter means nothing outside of it; a macro's parameter neither.
(parameter_declaration declarator: (identifier) @ignore)
(preproc_params (identifier) @ignore)
(goto_statement label: (statement_identifier) @ignore)
