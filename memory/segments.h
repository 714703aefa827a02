// memory/segments.h: the term indexes of a store as rows: add a segment, merge, look up, scan.
//
// Private to memory/. term_index.h is the format of a block; here is where blocks live.
//
// Threads: as Database.  Errors: those of Database; kCorrupt for a damaged block.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/sqlite.h"
#include "memory/term_index.h"

namespace engram {

enum class TermKind : int { kNames = 0, kWords = 1, kSymbolNames = 2, kSymbolSources = 3 };

// Ids of live contents as sorted half-open ranges; what falls outside is dropped by a merge.
struct IdRange {
  std::uint64_t first = 0, last = 0;
};
bool in_ranges(const std::vector<IdRange>& ranges, std::uint64_t id);

// Adds the batch as a new segment and merges the newest ones when there are many.
Result<void> add_segment(Database& db, TermKind kind, TermBatch& batch);
// Merges all segments into one, keeping only postings inside `live`.
Result<void> merge_all_segments(Database& db, TermKind kind, const std::vector<IdRange>& live);

// All postings of `term`, ascending ids.
Result<std::vector<TermPosting>> find_postings(Database& db, TermKind kind, std::string_view term);
// The segments there are, ascending. An id is never used again, and its segment never changes.
Result<std::vector<std::int64_t>> segment_ids(Database& db, TermKind kind);
// Every term of a segment, ascending, with the values of its postings OR-ed.
using TermVisitor = std::function<void(std::string_view term, std::uint8_t values)>;
Result<void> scan_segment(Database& db, TermKind kind, std::int64_t segment,
                          const TermVisitor& visit);
// Every term beginning with `prefix`, ascending, each once, with bits 1 << value of its postings.
// Until `visit` says false.
using PrefixVisitor = std::function<bool(std::string_view term, std::uint32_t values)>;
Result<void> scan_prefix(Database& db, TermKind kind, std::string_view prefix,
                         const PrefixVisitor& visit);

}  // namespace engram
