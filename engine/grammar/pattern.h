// engine/grammar/pattern.h: a JSON schema's `pattern` as the JSON strings that match it.
//
// Of ECMA-262's regular expressions those that a grammar can say: characters and escapes, ".",
// classes and their opposites, \d \w \s \D \W \S, groups, alternatives, * + ? {n} {n,} {n,m} (lazy
// ones read the same texts), ^ at the beginning and $ at the end of an alternative of the whole.
// Without these a match may stand anywhere, as JSON Schema has it. Not: references back, looking
// around, names of groups, \b, \p, anchors elsewhere.
//
// A character of the match is spelled in one way: itself, or an escape where JSON needs one.
// Private to engine/grammar.
//
// Threads: pure function.  Errors: kInvalidArgument, what is wrong, without its place.
#pragma once

#include <string_view>

#include "core/result.h"
#include "engine/grammar/grammar.h"

namespace engram {

// What is between the quotes of the string, then `next`. `any` reads one character of a string.
Result<NodeId> text_of_pattern(GrammarBuilder& builder, std::string_view pattern,
                               const GrammarBuilder::Body& any, NodeId next);

}  // namespace engram
