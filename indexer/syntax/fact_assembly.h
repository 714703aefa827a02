// indexer/syntax/fact_assembly.h: raw finds, in offsets, become the facts others read.
//
// Orders symbols, removes doubles, finds parents and containers, attaches doc comments, cuts
// signatures, and counts lines. Chunks are not made here.
//
// Threads: pure function.
#pragma once

#include <string_view>

#include "core/text.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/raw_facts.h"
#include "memory/facts.h"

namespace engram {

FileFacts assemble_facts(std::string_view text, const LineIndex& lines,
                         const LanguageTraits& language, RawFacts raw);

// A symbol that encloses others by name: types, namespaces, functions, keys, headings.
bool is_container(SymbolKind kind);

}  // namespace engram
