// memory/engrams/context_order.h: places of a text, sorted by what comes before them.
//
// A place p is a position whose symbol and whose predecessor are both no border (symbol 0). Its
// context is read backwards, s[p-1], s[p-2], ..., to the nearest border or kMaxEngramContext
// symbols. Places are sorted by context, then by position: all places after the same n symbols are
// neighbours, for every n at once, and a longer context is a part of the shorter one's stretch.
// Depth is bounded, so no text, however repetitive, takes longer than its length allows.
//
// Method: one counting pass by s[p-1]; then, within each of its buckets, rounds of as many symbols
// as fit a 64-bit key (three of a large vocabulary), for the runs that are still equal: long runs
// are sorted by the digits of the key, short ones by comparing.
// Memory: 5 bytes a place for the answer, 32 more for each place of one bucket at a time; buckets
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

inline constexpr unsigned kSymbolBits = 21;
inline constexpr std::uint32_t kMaxEngramSymbols = (std::uint32_t{1} << kSymbolBits) - 1;

// How symbols of a context lie in one number that sorts as they do: `count` of `bits` each.
struct KeyShape {
  unsigned bits = 1, count = 1;  // at most 64 together; a symbol has at most 32
};
// Those from `depth` before the one before `place` on, the first of them in the highest bits; zeros
// from a border and from the text's beginning on.
inline std::uint64_t context_key(std::span<const std::uint32_t> symbols, std::uint32_t place,
                                 unsigned depth, KeyShape shape) {
  std::uint64_t key = 0;
  for (unsigned i = 0; i < shape.count; ++i) {
    const std::uint32_t next = place > depth + i ? symbols[place - 1 - depth - i] : 0;
    key = (key << shape.bits) | next;
    if (next == 0) return key << (shape.bits * (shape.count - 1 - i));
  }
  return key;
}
// The i-th symbol of a key.
inline std::uint32_t key_symbol(std::uint64_t key, unsigned i, KeyShape shape) {
  const std::uint64_t low = key >> (shape.bits * (shape.count - 1 - i));
  return static_cast<std::uint32_t>(low & ((std::uint64_t{1} << shape.bits) - 1));
}

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
