// engine/suffix_automaton.h: all substrings of a growing token sequence, and what followed them.
//
// The minimal automaton of the suffixes (Blumer et al., 1985), built online: appending a token is
// amortised constant time, and the longest end of the sequence that occurred earlier is known at
// every moment, with the place where it ended. A separator never equals another token.
//
// Threads: confined.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

class SuffixAutomaton {
 public:
  SuffixAutomaton() { states_.push_back({}); }

  void append(TokenId token);
  void append_separator() { append(--separator_); }
  std::size_t size() const { return tokens_.size(); }

  // The longest end of the sequence that also ends at an earlier place: its length and the
  // position after the latest such place known. Length 0: there is none.
  struct Match {
    std::size_t length = 0, next = 0;
  };
  Match match() const;
  const std::vector<TokenId>& tokens() const { return tokens_; }

 private:
  struct Edge {
    TokenId token;
    std::uint32_t to, next;  // next edge of the same state; 0: none
  };
  struct State {
    std::uint32_t length = 0, link = 0, first_edge = 0;
    std::uint32_t end = 0;       // a position where its substrings end
    std::uint32_t previous = 0;  // the position before `end` was moved; 0: none
  };
  std::uint32_t step(std::uint32_t state, TokenId token) const;  // 0: no edge
  void add_edge(std::uint32_t from, TokenId token, std::uint32_t to);
  void redirect(std::uint32_t from, TokenId token, std::uint32_t to);
  std::uint32_t clone(std::uint32_t of, std::uint32_t length);
  void mark_end(std::uint32_t state);

  static std::uint64_t key(std::uint32_t state, TokenId token) {
    return (std::uint64_t{state} << 32U) | static_cast<std::uint32_t>(token);
  }

  std::vector<TokenId> tokens_;
  std::vector<State> states_;
  std::vector<Edge> edges_{1};
  std::unordered_map<std::uint64_t, std::uint32_t> index_;  // (state, token) -> edge
  std::uint32_t last_ = 0;
  TokenId separator_ = -1;
};

}  // namespace engram
