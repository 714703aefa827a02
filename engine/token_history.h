// engine/token_history.h: places of a token sequence where it stood as it ends now, or as another
// sequence ends.
//
// Places are chained by a hash of the three tokens before them, and by the one before them, newest
// first. A chain is followed only so far, so a look-up takes microseconds whatever the sequence;
// what is given up is a longer match farther back than the newest kMostPlaces with the same three
// tokens. An append is two stores. A separator equals no token, so no match crosses it.
//
// Threads: confined while it grows; then any number may read.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

class TokenHistory {
 public:
  static constexpr std::size_t kLongest = 64;     // tokens of a match that are counted
  static constexpr std::size_t kMostPlaces = 64;  // looked at, of each chain

  void append(TokenId token);
  void append_separator() { append(--separator_); }

  struct Place {
    std::size_t next = 0;     // position after it
    std::size_t matched = 0;  // tokens before it that are those at the end, at least one
  };
  // Longest match first, newest first among equals: places before the end that are as the end is,
  std::vector<Place> places() const;
  // and all that are as the end of `sequence`, which is no part of this.
  std::vector<Place> places_of(std::span<const TokenId> sequence) const;
  // What stood there and after, up to a separator; where that reaches the end, it goes round: the
  // text since the place is taken to repeat.
  std::vector<TokenId> continuation(const Place& place, std::size_t most) const;

  TokenId token(std::size_t position) const { return tokens_[position]; }
  std::span<const TokenId> tokens() const { return tokens_; }

 private:
  struct Chain {  // positions after equal keys: the newest of each, and the one before each
    std::vector<std::uint32_t> newest = std::vector<std::uint32_t>(1U << 15U);
    std::vector<std::uint32_t> before;
    void append(std::uint64_t key);
    std::size_t newest_of(std::uint64_t key) const;
  };
  std::vector<Place> follow(std::span<const TokenId> end, std::size_t three, std::size_t one) const;

  std::vector<TokenId> tokens_;
  Chain three_, one_;
  TokenId separator_ = -1;
};

// Of texts, a separator after each.
std::shared_ptr<const TokenHistory> history_of(
    std::span<const std::shared_ptr<const std::vector<TokenId>>> texts);

}  // namespace engram
