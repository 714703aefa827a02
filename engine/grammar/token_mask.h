// engine/grammar/token_mask.h: a set of tokens of a vocabulary.
//
// Threads: plain data.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

class TokenMask {
 public:
  explicit TokenMask(std::size_t tokens) : words_((tokens + 63) / 64) {}
  void allow(TokenId id) { words_[static_cast<std::size_t>(id) / 64] |= bit(id); }
  bool allows(TokenId id) const {
    const auto word = static_cast<std::size_t>(id) / 64;
    return word < words_.size() && (words_[word] & bit(id)) != 0;
  }

 private:
  static std::uint64_t bit(TokenId id) { return std::uint64_t{1} << (id & 63); }
  std::vector<std::uint64_t> words_;
};

}  // namespace engram
