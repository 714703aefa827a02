(variable_name) @reference.use
(command_name (word) @reference.call)
(variable_assignment name: (variable_name) @reference.write)
(command
  name: (command_name (word) @_source)
  argument: [(word) (string) (concatenation)] @reference.import
  (#any-of? @_source "source" "."))
