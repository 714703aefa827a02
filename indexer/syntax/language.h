// indexer/syntax/language.h: the languages Engram reads, by name, file name and grammar.
//
// Names are stable and lower-case: c cpp cuda python javascript typescript tsx rust go java csharp
// ruby php bash lua kotlin swift scala json yaml toml html css markdown.
//
// Threads: constant after start.
#pragma once

#include <span>
#include <string_view>

namespace engram {

// The language of a file, from its name and, for ambiguous ones (".h", no extension), the first
// bytes of its contents. Empty when no grammar claims it.
std::string_view language_of(std::string_view path, std::string_view contents = {});

std::span<const std::string_view> languages();  // all names above, sorted

// How the language writes what an assistant needs to know; empty when it has none.
struct LanguageTraits {
  std::string_view name;
  std::string_view line_comment;     // "//", "#", "--"
  std::string_view scope_separator;  // "::" or "."
  bool indentation_blocks = false;   // python, yaml
};
const LanguageTraits* language_traits(std::string_view language);  // nullptr: unknown

}  // namespace engram
