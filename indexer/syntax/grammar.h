// indexer/syntax/grammar.h: the compiled tree-sitter grammar of a language.
//
// Internal to indexer/syntax, as everything that names a TS type.
//
// Threads: constant.
#pragma once

#include <string_view>

struct TSLanguage;

namespace engram {

const TSLanguage* grammar_of(std::string_view language);  // nullptr: unknown

}  // namespace engram
