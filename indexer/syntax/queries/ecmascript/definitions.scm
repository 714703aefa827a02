; What JavaScript and TypeScript have in common. Not a language of its own.
(#look-through! "object_pattern")
(#look-through! "array_pattern")
(#look-through! "rest_pattern")
(#look-through! "assignment_pattern" "left")
(#look-through! "object_assignment_pattern" "left")
(#look-through! "pair_pattern" "value")
(#widen! "export_statement" "lexical_declaration" "variable_declaration")

(function_declaration name: (_) @name body: (_) @body) @definition.function
(generator_function_declaration name: (_) @name body: (_) @body) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(class name: (_) @name body: (_) @body) @definition.class
(method_definition
  name: [(property_identifier) (private_property_identifier) (string) (number)] @name
  body: (_) @body) @definition.method
(method_definition
  name: (property_identifier) @name
  body: (_) @body
  (#eq? @name "constructor")) @definition.constructor

(variable_declarator name: [(identifier) (shorthand_property_identifier_pattern)] @name)
  @definition.variable
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator
  name: (identifier) @name
  value: (arrow_function body: (_) @body)) @definition.function
(variable_declarator name: (identifier) @name value: (class body: (_) @body)) @definition.class

; Keys of an object that is given a name, and of objects in it.
(variable_declarator value: (object (pair key: (_) @name) @definition.property))
(assignment_expression right: (object (pair key: (_) @name) @definition.property))
(pair value: (object (pair key: (_) @name) @definition.property))
(export_statement value: (object (pair key: (_) @name) @definition.property))
(variable_declarator
  value: (object
    (pair
      key: [(property_identifier) (string)] @name
      value: [(arrow_function) (function_expression) (generator_function)]) @definition.method))
(assignment_expression
  right: (object
    (pair
      key: [(property_identifier) (string)] @name
      value: [(arrow_function) (function_expression) (generator_function)]) @definition.method))
(pair
  value: (object
    (pair
      key: [(property_identifier) (string)] @name
      value: [(arrow_function) (function_expression) (generator_function)]) @definition.method))
(export_statement
  value: (object
    (pair
      key: [(property_identifier) (string)] @name
      value: [(arrow_function) (function_expression) (generator_function)]) @definition.method))
(pair
  key: [(property_identifier) (string)] @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.method

; A.b = function ..., A.prototype.b = ..., exports.b = ...
(assignment_expression
  left: (member_expression
    object: (identifier) @receiver
    property: (property_identifier) @name)
  right: [(function_expression) (generator_function) (arrow_function)]) @definition.method
(assignment_expression
  left: (member_expression object: (identifier) @receiver property: (property_identifier) @name)
  right: (class)) @definition.class
(assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @receiver property: (property_identifier) @_p)
    property: (property_identifier) @name)
  (#eq? @_p "prototype")) @definition.method
(assignment_expression
  left: (member_expression
    object: (identifier) @_exports
    property: (property_identifier) @name)
  (#eq? @_exports "exports")) @definition.variable
(assignment_expression
  left: (member_expression
    object: (identifier) @_exports
    property: (property_identifier) @name)
  right: [(function_expression) (arrow_function)]
  (#eq? @_exports "exports")) @definition.function
(assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @_m property: (property_identifier) @_e)
    property: (property_identifier) @name)
  (#eq? @_m "module")
  (#eq? @_e "exports")) @definition.variable
(assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @_m property: (property_identifier) @_e)
    property: (property_identifier) @name)
  right: [(function_expression) (arrow_function)]
  (#eq? @_m "module")
  (#eq? @_e "exports")) @definition.function
(assignment_expression
  left: (identifier) @name
  right: [(function_expression) (arrow_function)]) @assignment.function
(assignment_expression
  left: (member_expression
    object: (this)
    property: [(property_identifier) (private_property_identifier)] @name)) @assignment.field

; Local names.
(function_expression name: (identifier) @name @definition.function)
(arrow_function parameter: (identifier) @name @definition.parameter)
(catch_clause
  parameter: [(identifier) (shorthand_property_identifier_pattern)] @name @definition.parameter)
(for_in_statement
  left: [(identifier) (shorthand_property_identifier_pattern)] @name @assignment.variable)
(labeled_statement label: (statement_identifier) @name @definition.label)

; a.b.c = function ..., and A.b = ... at the top of a file.
(assignment_expression
  left: (member_expression
    object: (member_expression property: (property_identifier) @receiver)
    property: (property_identifier) @name)
  right: [(function_expression) (generator_function) (arrow_function)]
  (#not-any-of? @receiver "prototype" "exports")) @definition.method
(program
  (expression_statement
    (assignment_expression
      left: (member_expression object: (identifier) @receiver property: (property_identifier) @name)
      (#not-any-of? @receiver "exports")) @assignment.field))
