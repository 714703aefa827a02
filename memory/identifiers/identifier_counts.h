// memory/identifiers/identifier_counts.h: what is counted of one name, and how that is written.
//
// Counts are signed: a segment written after a change holds what was added and, as negative
// numbers, what went away, so that the sum over segments is the truth and merging is adding.
//
//   record = uses:zigzag n:u8 n times { kind:u8 count:zigzag }      kinds ascend, no count is 0
//
// Threads: plain values.  Errors: a ByteReader that fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memory/byte_codec.h"
#include "memory/facts.h"

namespace engram {

struct IdentifierCounts {
  struct Kind {
    SymbolKind kind = SymbolKind::kUnknown;
    std::int64_t count = 0;  // symbols of this kind with the name
    friend bool operator==(const Kind&, const Kind&) = default;
  };
  std::int64_t uses = 0;    // occurrences in the project's own code
  std::vector<Kind> kinds;  // ascending; foreign code counts too

  void add(SymbolKind kind, std::int64_t count);
  void add(const IdentifierCounts& other);
  void negate();
  bool empty() const { return uses == 0 && kinds.empty(); }
  friend bool operator==(const IdentifierCounts&, const IdentifierCounts&) = default;
};

void append_counts(std::string& out, const IdentifierCounts& counts);
void read_counts(ByteReader& in, IdentifierCounts& counts);  // replaces; clears when damaged

}  // namespace engram
