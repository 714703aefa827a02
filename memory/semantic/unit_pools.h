// memory/semantic/unit_pools.h: one unit's facts, file by file. Private to memory/.
//
// Every fact belongs to the file it is told in, and goes when the unit's view of that goes. A
// diagnostic with its notes belongs to where it points, one without a place to the main file.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <span>
#include <vector>

#include "memory/semantic/source_pool.h"

namespace engram {

struct FilePools {
  SourcePool view;  // what every unit with the same view of the file would tell
  SourcePool own;   // what this unit alone tells: of a file with a view, diagnostics that point
                    // elsewhere, too; of one told by another unit, all diagnostics
};

// `symbols`, `sources`: the numbers of facts.symbols and facts.files. One for each file, in order;
// nothing is in `view` of a file told elsewhere.
std::vector<FilePools> pools_of(const UnitFacts& facts, std::span<const SymbolNumber> symbols,
                                std::span<const SourceNumber> sources);

// By file: the view others may rely on or this unit relies on; zero when there is none.
std::vector<ViewKey> shared_views(const UnitFacts& facts);
std::vector<bool> told_elsewhere(const UnitFacts& facts);

// Every symbol once, as indices into facts.symbols, in the order in which they first stand in the
// files: neighbours have much in common and are asked for together.
std::vector<std::uint32_t> symbols_by_place(const UnitFacts& facts);

}  // namespace engram
