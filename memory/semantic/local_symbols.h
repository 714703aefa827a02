// memory/semantic/local_symbols.h: the symbols of one pool, by index. Private to memory/.
//
// A blob writes the numbers of its symbols once, ascending; everything else in it refers to them by
// their index there, which is shorter.
//
// Threads: thread-compatible.  Errors: none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "memory/semantic/source_pool.h"

namespace engram {

// The symbols a pool mentions, ascending; numbers within it are indices into this.
class LocalSymbols {
 public:
  explicit LocalSymbols(const SourcePool& pool) {
    for (const PooledUse& use : pool.uses) {
      add(use.symbol);
      add(use.container);
    }
    for (const SemanticLink& link : pool.links) {
      add(link.from);
      add(link.to);
    }
    for (const SemanticExtent& extent : pool.extents) add(extent.symbol);
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
  }

  const std::vector<SymbolNumber>& numbers() const { return numbers_; }
  std::uint32_t index(SymbolNumber number) const {
    return static_cast<std::uint32_t>(std::lower_bound(numbers_.begin(), numbers_.end(), number) -
                                      numbers_.begin());
  }
  // 0: none.
  std::uint32_t optional(SymbolNumber number) const {
    return number == kNoNumber ? 0 : index(number) + 1;
  }

 private:
  void add(SymbolNumber number) {
    if (number != kNoNumber && (numbers_.empty() || numbers_.back() != number)) {
      numbers_.push_back(number);
    }
  }
  std::vector<SymbolNumber> numbers_;
};

}  // namespace engram
