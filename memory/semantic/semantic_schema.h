// memory/semantic/semantic_schema.h: the tables of the semantic store. Private to memory/.
//
// docs/formats/semantic.md explains every table. Inverted indexes are those of segments.h: names ->
// symbols (value: SymbolKind), and symbols -> sources (value: SourceRole bits; a term is a symbol's
// number as four bytes, highest first), without a symbol's home.
//
// Threads: pure values.
#pragma once

#include <filesystem>
#include <string>

#include "memory/schema.h"
#include "memory/semantic/source_pool.h"

namespace engram {

extern const DatabaseSchema kSemanticSchema;

std::filesystem::path semantic_directory(const std::filesystem::path& store);
std::string source_term(SymbolNumber number);

}  // namespace engram
