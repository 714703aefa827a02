// engine/tokenizer/word_cache.h: recently merged pieces and their ids.
//
// Direct-mapped: a new piece replaces the one in its slot. Pieces or results too long for a slot
// are not kept. Private to engine/tokenizer.
//
// Threads: confined; the tokenizer lends one to each encode() in flight.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

class WordCache {
 public:
  WordCache() : entries_(kEntries) {}

  // The ids of `piece`; empty when it is not kept.
  std::span<const TokenId> find(std::string_view piece) const {
    if (piece.size() > kMaxBytes) return {};
    const Entry& entry = entries_[slot(piece)];
    if (entry.n_bytes != piece.size() ||
        std::memcmp(entry.bytes, piece.data(), piece.size()) != 0) {
      return {};
    }
    return {entry.ids, entry.n_ids};
  }

  void keep(std::string_view piece, std::span<const TokenId> ids) {
    if (piece.empty() || piece.size() > kMaxBytes || ids.size() > kMaxIds) return;
    Entry& entry = entries_[slot(piece)];
    entry.n_bytes = static_cast<std::uint8_t>(piece.size());
    entry.n_ids = static_cast<std::uint8_t>(ids.size());
    std::copy(piece.begin(), piece.end(), entry.bytes);
    std::copy(ids.begin(), ids.end(), entry.ids);
  }

 private:
  static constexpr std::size_t kEntries = std::size_t{1} << 14;  // 1 MB in all
  static constexpr std::size_t kMaxBytes = 30;
  static constexpr std::size_t kMaxIds = 8;
  struct Entry {
    TokenId ids[kMaxIds];
    std::uint8_t n_bytes = 0;  // 0: empty
    std::uint8_t n_ids = 0;
    char bytes[kMaxBytes];
  };

  static std::size_t slot(std::string_view piece) {
    std::uint64_t hash = piece.size();
    const char* p = piece.data();
    for (std::size_t left = piece.size(); left > 0;) {
      std::uint64_t word = 0;
      const std::size_t n = std::min<std::size_t>(left, 8);
      std::memcpy(&word, p, n);
      hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 29;
      p += n;
      left -= n;
    }
    return static_cast<std::size_t>((hash * 0xD6E8FEB86659FD93ULL) >> 50);
  }
  static_assert(kEntries == std::size_t{1} << (64 - 50));

  std::vector<Entry> entries_;
};

}  // namespace engram
