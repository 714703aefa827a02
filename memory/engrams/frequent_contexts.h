// memory/engrams/frequent_contexts.h: what follows the contexts that occur too often to count.
//
// Contexts with more than kScannedPlaces places get a record when the segment is written: where
// their stretch [begin, end) of the order lies, how many different symbols follow, and the 64 most
// frequent with exact counts. Contexts of several lengths with one stretch share a record. Records
// form a tree: the parent of one is the smallest record whose stretch contains it, and `symbol`
// is what tells it from its siblings: the symbol before those that the parent's places share.
// A lookup thus walks from record to record, a few cache lines a step, while a context is
// frequent. Stored as
//
//   records  FrequentRecord each, a power of two of them, some unused: open addressing by the
//            context_hash() of the shortest of its contexts, so that where those of all lengths
//            lie is known before any is read
//   lists    varints: n, then n times (symbol, previous count - count), counts descending; the
//            first difference is taken from the stretch's length
//
// Threads: FrequentContexts is immutable, thread-safe.  Errors: damaged bytes give no answer,
// never a wrong access.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "memory/engrams/context_order.h"

namespace engram {

inline constexpr std::uint32_t kScannedPlaces = 256;

struct SymbolCount {
  std::uint32_t symbol = 0, count = 0;
};

struct FrequentRecord {
  std::uint32_t begin, end;  // places in the order; end is 0 in an unused record
  std::uint32_t distinct;    // symbols that follow
  std::uint32_t list;        // offset into lists
  std::uint32_t parent;      // index of a record + 1; 0: none
  std::uint32_t symbol;
  std::uint32_t shared;  // symbols that the contexts of all its places share, 1 to 16
  std::uint32_t unused;  // two records a cache line
};

struct FrequentTables {  // as written
  std::vector<FrequentRecord> records;
  std::string lists;
};
FrequentTables summarise_frequent_contexts(std::span<const std::uint32_t> symbols,
                                           std::uint32_t alphabet, const ContextOrder& order);

// Of the symbols of a context, the last one first: the hash of `n` of them from that of n - 1.
inline std::uint64_t context_hash(std::uint64_t shorter, std::uint32_t symbol) {
  const std::uint64_t x = (shorter ^ symbol) * 0x9e3779b97f4a7c15U;
  return x ^ (x >> 32U);
}

class FrequentContexts {
 public:
  // `places` is how many there are.
  FrequentContexts() = default;
  FrequentContexts(std::span<const std::byte> records, std::string_view lists,
                   std::uint32_t places);

  struct Node {
    std::uint32_t id = 0;  // index of the record + 1
    FrequentRecord record;
  };
  // Asks for the record that child() may be asked for soon.
  void prefetch(std::uint64_t hash) const;
  // The child of `parent` (null: of the root) told apart by `symbol`; `hash` is of the context that
  // ends with it.
  std::optional<Node> child(const Node* parent, std::uint32_t symbol, std::uint64_t hash) const;

  // Replaces `counts`, most frequent first, then by symbol; returns the number of distinct symbols,
  // 0 when the summary is damaged.
  std::uint32_t summary(const FrequentRecord& record, std::vector<SymbolCount>& counts) const;

 private:
  std::span<const std::byte> records_;
  std::string_view lists_;
  std::uint32_t places_ = 0;
};

}  // namespace engram
