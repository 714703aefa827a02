// assist/navigation/symbol_id.h: a symbol's name in full, and the id by which scripts name it
// again.
//
// An id is "PATH#QUALIFIED_NAME@OFFSET" ("src/a.cpp#geometry::area@120"). It survives edits above
// the symbol: when another name stands at the offset, the file's symbol of that name is meant.
//
// Threads: pure, but for find_symbol_id (as SourceTexts).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "assist/navigation/source_texts.h"
#include "memory/facts.h"

namespace engram {

std::string qualified_name(std::string_view language, const Symbol& symbol);
std::string symbol_id(std::string_view path, std::string_view language, const Symbol& symbol);

bool looks_like_symbol_id(std::string_view text);
struct SymbolPlace {
  std::string path;
  std::size_t offset = 0;  // of the name
};
// nullopt: the file or the symbol is not there (any more).
std::optional<SymbolPlace> find_symbol_id(SourceTexts& texts, std::string_view id);

}  // namespace engram
