// memory/engrams/frequent_contexts.h: what follows the contexts that occur too often to count.
//
// Contexts with more than kScannedPlaces places get a summary when the segment is written: how many
// different symbols follow, and the 64 most frequent with exact counts. A context is named by its
// stretch [begin, end) of the order; contexts of several lengths with one stretch share a summary.
// Stored as records sorted by nothing, found through a table of open addressing:
//
//   slots    u32 each, a power of two of them: index of a record + 1, or 0
//   records  begin, end, distinct, offset into lists; u32 each
//   lists    varints: n, then n times (symbol, previous count - count), counts descending; the
//            first difference is taken from the stretch's length
//
// Threads: FrequentContexts is immutable, thread-safe.  Errors: damaged bytes give no answer,
// never a wrong access.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "memory/engrams/context_order.h"

namespace engram {

inline constexpr std::uint32_t kScannedPlaces = 512;

struct SymbolCount {
  std::uint32_t symbol = 0, count = 0;
};

struct FrequentTables {  // as written
  std::vector<std::uint32_t> slots, records;
  std::string lists;
};
FrequentTables summarise_frequent_contexts(std::span<const std::uint32_t> symbols,
                                           std::uint32_t alphabet, const ContextOrder& order);

class FrequentContexts {
 public:
  FrequentContexts() = default;
  FrequentContexts(std::span<const std::byte> slots, std::span<const std::byte> records,
                   std::string_view lists);

  // Replaces `counts`; returns the number of distinct symbols, 0 when there is no summary.
  std::uint32_t find(std::uint32_t begin, std::uint32_t end,
                     std::vector<SymbolCount>& counts) const;

 private:
  std::span<const std::byte> slots_, records_;
  std::string_view lists_;
};

}  // namespace engram
