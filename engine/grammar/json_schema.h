// engine/grammar/json_schema.h: a JSON schema as a grammar of the documents that satisfy it.
//
// Everything the grammar allows validates; it does not allow everything that would. Properties come
// in the schema's order; undeclared ones only where additionalProperties asks for them; white space
// between values is nothing, a space, or a line end with indentation; numbers have at most 18
// digits.
//
// Supported: true, type (one or several), properties, required, additionalProperties, items,
// prefixItems, minItems, maxItems, minLength, maxLength or a pattern (engine/grammar/pattern.h),
// minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum, const, anyOf, oneOf (of different
// types), allOf (of one), $ref within the document, $defs, definitions; annotations and format are
// passed over. Any other keyword is refused.
//
// Source: JSON Schema draft 2020-12, of which these keywords mean the same in drafts 4 to 2019-09.
//
// Threads: pure function.  Errors: kInvalidArgument naming the place and the keyword.
#pragma once

#include <string_view>

#include "core/result.h"
#include "engine/grammar/grammar.h"

namespace engram {

Result<Grammar> grammar_of_json_schema(std::string_view text);

}  // namespace engram
