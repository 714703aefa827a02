// indexer/syntax/symbol_names.h: what a name is, out of the text of the node that a pattern caught.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "memory/facts.h"

namespace engram {

inline constexpr std::size_t kMaxName = 200;  // bytes; a longer one is cut at a character

// 'quoted' -> quoted, Ruby's :x -> x, "operator ==" -> "operator==", HTML's tags taken out.
std::string symbol_name(std::string_view raw, SymbolKind kind, std::string_view language);

// As above; an import's <vector> or "foo.h" without its marks.
std::string reference_name(std::string_view raw, ReferenceKind kind);

// "  A<T> :: B::" -> "A::B"; a receiver's "*T[K]" -> "T".
std::string scope_name(std::string_view raw);

}  // namespace engram
