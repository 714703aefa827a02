(#look-through! "destructured_parameter")
(#look-through! "left_assignment_list")
(#look-through! "destructured_left_assignment")
(#look-through! "rest_assignment")

(module name: (constant) @name body: (_)? @body) @definition.module
(class name: (constant) @name body: (_)? @body) @definition.class
(module name: (scope_resolution name: (constant) @name) @qualified body: (_)? @body)
  @definition.module
(class name: (scope_resolution name: (constant) @name) @qualified body: (_)? @body)
  @definition.class
(method name: (_) @name body: (_)? @body) @definition.method
(program (method name: (_) @name body: (_)? @body) @definition.function)
(singleton_method name: (_) @name body: (_)? @body) @definition.method
(singleton_method
  object: (constant) @receiver
  name: (_) @name
  body: (_)? @body) @definition.method
(alias name: (_) @name) @definition.method
(call
  method: (identifier) @_alias
  arguments: (argument_list . (simple_symbol) @name)
  (#eq? @_alias "alias_method")) @definition.method
(call
  method: (identifier) @_attr
  arguments: (argument_list (simple_symbol) @name)
  (#any-of? @_attr "attr_reader" "attr_writer" "attr_accessor" "attr")) @definition.property

(assignment left: (constant) @name) @definition.constant
(assignment left: (scope_resolution name: (constant) @name)) @definition.constant
(operator_assignment left: (constant) @name) @assignment.constant
(assignment left: (identifier) @name) @assignment.variable
(operator_assignment left: (identifier) @name) @assignment.variable
(assignment left: (instance_variable) @name) @assignment.field
(assignment left: (class_variable) @name) @assignment.field
(operator_assignment left: (instance_variable) @name) @assignment.field
(operator_assignment left: (class_variable) @name) @assignment.field
(assignment left: (global_variable) @name) @assignment.variable

(method_parameters (identifier) @name @definition.parameter)
(block_parameters (identifier) @name @definition.parameter)
(lambda_parameters (identifier) @name @definition.parameter)
(optional_parameter name: (identifier) @name) @definition.parameter
(keyword_parameter name: (identifier) @name) @definition.parameter
(splat_parameter name: (identifier) @name) @definition.parameter
(hash_splat_parameter name: (identifier) @name) @definition.parameter
(block_parameter name: (identifier) @name) @definition.parameter
(exception_variable (identifier) @name @assignment.variable)
(for pattern: (identifier) @name @assignment.variable)
