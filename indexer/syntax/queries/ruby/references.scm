(identifier) @reference.use
(constant) @reference.type
(instance_variable) @reference.use.member
(class_variable) @reference.use.member
(global_variable) @reference.use
(call method: (identifier) @reference.call)
(call receiver: (_) method: (identifier) @reference.call.member)
(call method: (constant) @reference.call.member)
(superclass (constant) @reference.inherit)
(superclass (scope_resolution name: (constant) @reference.inherit))
(call
  method: (identifier) @_mixin
  arguments: (argument_list (constant) @reference.inherit)
  (#any-of? @_mixin "include" "extend" "prepend"))
(call
  method: (identifier) @_require
  arguments: (argument_list (string) @reference.import)
  (#any-of? @_require "require" "require_relative" "load"))
(assignment left: (identifier) @reference.write)
(operator_assignment left: (identifier) @reference.write)
(assignment left: (instance_variable) @reference.write.member)
(operator_assignment left: (instance_variable) @reference.write.member)
(operator_assignment left: (class_variable) @reference.write.member)
(alias alias: (identifier) @reference.use.member)
