// assist/recall/continuation_shares.h: how a context's continuations share its counts:
// q(w) ~ count(w) + same_file count_in_this_file(w), and what the gate is told of them.
//
// Where lines are folded, continuations that are the same text but for what follows the line's end
// are one class: they count as one for T and for the likeliest, and stand next to each other.
//
// Threads: confined.  Errors: none.
#pragma once

#include <span>
#include <vector>

#include "assist/recall/gate.h"
#include "engine/evidence.h"
#include "engine/token_index.h"
#include "memory/engrams/lookup.h"

namespace engram {

class ContinuationShares {
 public:
  struct Share {
    TokenId token = 0, folded = 0;
    double count = 0;  // weighted
  };
  // Of the listed continuations, of which there must be one. `folds`: null where lines are not.
  void read(const ContextMatch& match, const TokenIndex* folds, double same_file);

  std::span<const Share> shares() const { return shares_; }
  double total() const { return total_; }  // of their counts
  double of_class(TokenId folded) const;   // its part of the total
  GateFeatures features(const ModelChances& model) const;

 private:
  TokenId likeliest_class() const;

  std::vector<Share> shares_;
  double total_ = 0;
  std::uint64_t occurrences_ = 0, distinct_ = 0;  // classes, and what was not listed
};

}  // namespace engram
