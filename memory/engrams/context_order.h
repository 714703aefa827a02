// memory/engrams/context_order.h: places of a text, sorted by what comes before them.
//
// A place p is a position whose symbol and whose predecessor are both no border (symbol 0). Its
// context is read backwards, s[p-1], s[p-2], ..., to the nearest border or kMaxEngramContext
// symbols. Places are sorted by context, then by position: all places after the same n symbols are
// neighbours, for every n at once, and a longer context is a part of the shorter one's stretch.
// Depth is bounded, so no text, however repetitive, takes longer than its length allows.
//
// Method: one counting pass by s[p-1]; then, within each of its buckets, rounds of three symbols
// packed into one 64-bit key, sorted where keys differ, for the runs that are still equal.
// Memory: 5 bytes a place for the answer, 16 more for each place of one bucket at a time; buckets
// beyond a size are split by single symbols first.
//
// Threads: a pure function.  Errors: kCancelled.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/result.h"

namespace engram {

inline constexpr std::uint32_t kMaxEngramSymbols = (std::uint32_t{1} << 21) - 1;

struct ContextOrder {
  std::vector<std::uint32_t> places;
  // shared[i]: symbols that the contexts of places[i - 1] and places[i] have in common, counted
  // from the end, at most kMaxEngramContext; shared[0] is 0.
  std::vector<std::uint8_t> shared;
  // first[s]: where the places after symbol s begin; `alphabet` + 1 entries, the last one is the
  // number of places.
  std::vector<std::uint32_t> first;
};

// REQUIRES: every symbol < alphabet <= kMaxEngramSymbols; symbols.size() < 2^32.
Result<ContextOrder> order_by_context(std::span<const std::uint32_t> symbols,
                                      std::uint32_t alphabet, std::stop_token stop = {});

}  // namespace engram
