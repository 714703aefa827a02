// memory/semantic/source_pool.h: all distinct facts about one source, and which of them each view
// has. Private to memory/.
//
// A *view* is what one unit told about a source; most units tell the same. The pool is the union of
// all live views, each fact once; a view is a set of positions in it, as runs. So a fact that only
// one of a thousand units told is there, goes when that unit's view goes, and costs the others
// nothing. Positions count through the parts in the order of the members below.
//
// Threads: plain values, pure functions.  Errors: none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "memory/semantic/semantic_reader.h"

namespace engram {

using SourceNumber = std::uint32_t;  // kNoNumber: none

struct PooledUse {
  SymbolNumber symbol = kNoNumber;
  std::uint32_t begin = 0, end = 0;
  SymbolNumber container = kNoNumber;
  std::uint16_t roles = 0;
  friend bool operator==(const PooledUse&, const PooledUse&) = default;
  friend auto operator<=>(const PooledUse&, const PooledUse&) = default;
};

struct PooledInclusion {
  std::uint32_t begin = 0, end = 0;
  SourceNumber target = kNoNumber;
  bool angled = false;
  friend bool operator==(const PooledInclusion&, const PooledInclusion&) = default;
  friend auto operator<=>(const PooledInclusion&, const PooledInclusion&) = default;
};

// Every part ascending, each item once.
struct SourcePool {
  std::vector<PooledUse> uses;
  std::vector<SemanticLink> links;
  std::vector<SemanticExtent> extents;
  std::vector<PooledInclusion> inclusions;
  std::vector<SemanticRegion> inactive;
  std::vector<std::string> diagnostics;  // pooled_diagnostic.h

  std::size_t size() const {
    return uses.size() + links.size() + extents.size() + inclusions.size() + inactive.size() +
           diagnostics.size();
  }
  void normalize();  // sorts, drops what is there twice
  friend bool operator==(const SourcePool&, const SourcePool&) = default;
};

// Half-open ranges of positions, ascending, not touching.
using PoolRuns = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// REQUIRES: every item of `part` is in `pool`.
PoolRuns runs_in(const SourcePool& pool, const SourcePool& part);
PoolRuns united(const PoolRuns& a, const PoolRuns& b);
PoolRuns complement(const PoolRuns& runs, std::uint32_t size);
SourcePool united(const SourcePool& a, const SourcePool& b);
// The items at these positions.
SourcePool picked(const SourcePool& pool, const PoolRuns& runs);

// What a symbol does in a source: the value of its posting.
enum SourceRole : std::uint8_t {
  kSourceUses = 1,  // any occurrence
  kSourceDeclares = 2,
  kSourceDefines = 4,
  kSourceLinksFrom = 8,
  kSourceLinksTo = 16,
  kSourceExtent = 32,
};
// By symbol, ascending; containers that occur nowhere else are not there.
std::vector<std::pair<SymbolNumber, std::uint8_t>> symbols_in(const SourcePool& pool);

}  // namespace engram
