// memory/semantic/source_facts.h: all that a store has of one source, put in order. Private to
// memory/semantic.
//
// Threads: as Database.  Errors: those of Database; kCorrupt.
#pragma once

#include <tuple>
#include <vector>

#include "core/result.h"
#include "memory/semantic/semantic_reader.h"
#include "memory/semantic/source_codec.h"
#include "memory/semantic/stored_source.h"

namespace engram {

inline auto by_place(const SemanticUse& use) { return std::tuple(use.begin, use.end, use.symbol); }
void sort_by_place(std::vector<SemanticUse>& uses);

Result<SourceFacts> source_facts(Database& db, const NumberedSource& source,
                                 const DecodedPool& decoded);

}  // namespace engram
