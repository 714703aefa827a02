; A function's variables are global unless it says `local`.
(function_definition name: (word) @name body: (_) @body) @definition.function
(program (variable_assignment name: (variable_name) @name) @assignment.variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @assignment.variable)
(declaration_command "local" (variable_assignment name: (variable_name) @name)) @assignment.variable
(declaration_command "local" (variable_name) @name) @assignment.variable
(for_statement variable: (variable_name) @name @assignment.variable)
(command
  name: (command_name (word) @_alias)
  argument: (concatenation . (word) @name)
  (#eq? @_alias "alias")) @definition.macro
