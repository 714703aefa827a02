// memory/identifiers/best_identifiers.h: the keys of a table that begin with a prefix, most used
// first, each found only when asked for.
//
// A best-first search over the table's bounds: of 10^7 keys, the first few after one letter cost
// some dozens of blocks. Keys with equally many uses come in no promised order.
//
// Threads: confined to one thread.  Errors: none.
#pragma once

#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "memory/identifiers/identifier_table.h"

namespace engram {

class BestIdentifiers {
 public:
  BestIdentifiers(const IdentifierTable& table, std::string_view prefix);

  // No key still to come has more uses; 0 at the end.
  std::uint32_t bound() const { return open_.empty() ? 0 : open_.top().bound; }
  bool at_end() const { return open_.empty(); }
  bool next(IdentifierTable::Entry& out);  // false at the end

 private:
  static constexpr std::uint32_t kFound = UINT32_MAX;  // level of an entry: `index` into found_
  struct Node {
    std::uint32_t bound = 0, level = 0;
    std::size_t index = 0;
    // Of equal ones an entry comes before what must still be read, the first before others.
    bool operator<(const Node& other) const {
      if (bound != other.bound) return bound < other.bound;
      if (level != other.level) return level < other.level;
      return index > other.index;
    }
  };
  void open(std::size_t level, std::size_t index);
  void expand(const Node& node);

  const IdentifierTable& table_;
  std::string prefix_;
  std::size_t first_, end_;  // blocks
  std::priority_queue<Node> open_;
  std::vector<IdentifierTable::Entry> found_, block_;
};

}  // namespace engram
