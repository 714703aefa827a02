// engine/grammar/schema_place.h: what one place of a JSON schema says, read and checked keyword by
// keyword; json_schema.cpp makes grammars of it. Private to engine/grammar.
//
// Threads: pure functions.  Errors: kInvalidArgument naming the place and the keyword.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "engine/grammar/json_grammar.h"

namespace engram {

struct SchemaPlace {
  const json::object& schema;
  const std::string& path;  // "#/properties/a"
};

inline std::string_view view_of(const json::string& text) { return {text.data(), text.size()}; }

Error schema_error(std::string_view path, std::string_view what);

// That all keywords are known; that none but annotations stands beside `keyword`.
Result<void> check_keywords(SchemaPlace at);
Result<void> stands_alone(SchemaPlace at, std::string_view keyword);

// A JSON pointer within the document: "#", "#/$defs/a". `path` is where it is referred to.
Result<const json::value*> resolve_pointer(const json::value& document, std::string_view path,
                                           std::string_view pointer);

// What 'type' lists, or else what the other keywords are about; empty: anything.
Result<std::vector<std::string_view>> types_of(SchemaPlace at);
// The values of 'const' or 'enum' that have the type asked for, as JSON; at least one.
// REQUIRES: one of the two is there.
Result<std::vector<std::string>> values_of(SchemaPlace at);
// A whole number within GrammarBuilder::kMaxRepeats.
Result<std::size_t> count_of(SchemaPlace at, std::string_view keyword, std::size_t otherwise);
// Of 'minimum', 'maximum' and the exclusive ones.
Result<JsonGrammar::Bounds> bounds_of(SchemaPlace at);

}  // namespace engram
