// memory/semantic/unit_pools.h: one unit's facts, source by source. Private to memory/.
//
// A link belongs to where its first symbol is defined, else declared, else used, else to the main
// file; a diagnostic with its notes to where it points, one without a place to the main file. So
// every fact belongs to one source, and goes when the unit's view of that goes.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <map>
#include <span>

#include "memory/semantic/source_pool.h"

namespace engram {

// `symbols`, `sources`: the numbers of facts.symbols and facts.files. Every source is there.
std::map<SourceNumber, SourcePool> pools_of(const UnitFacts& facts,
                                            std::span<const SymbolNumber> symbols,
                                            std::span<const SourceNumber> sources);

}  // namespace engram
