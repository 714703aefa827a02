// engine/grammar/plain_tokens.h: a vocabulary sorted by what of each token is plain text.
//
// Plain characters are those that a JSON string may hold as they are: any code point but controls,
// the quote and the backslash. Where a grammar lets any of them follow, all tokens of up to n
// plain characters follow, and only the others need a look each.
//
// Threads: immutable.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/grammar/token_mask.h"
#include "engine/token_index.h"

namespace engram {

class PlainTokens {
 public:
  static constexpr std::size_t kMostCharacters = 32;

  explicit PlainTokens(const TokenIndex& index);

  // Those that are nothing but 1 to `n` plain characters; n <= kMostCharacters.
  const TokenMask& up_to(std::size_t n) const { return up_to_[n]; }
  // The others, control tokens left out.
  struct Mixed {
    TokenId id = 0;
    std::uint16_t characters = 0, bytes = 0;  // of plain text, at its beginning
  };
  std::span<const Mixed> mixed() const { return mixed_; }

  // By place in byte order: how many bytes a token has in common with the one before it.
  std::span<const std::uint16_t> shared() const { return shared_; }

 private:
  std::vector<TokenMask> up_to_;
  std::vector<Mixed> mixed_;
  std::vector<std::uint16_t> shared_;
};

// The bytes of the plain character that `text` begins with; 0: it does not begin with one.
std::size_t plain_character(std::string_view text);

}  // namespace engram
