(import_statement (string_value) @reference.import)
(import_statement (call_expression (arguments (string_value) @reference.import)))
(call_expression (function_name) @reference.call)
