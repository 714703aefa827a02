// engine/draft_statistics.h: what verifying guesses costs, and how often they are right.
//
// Costs are learnt from the passes of this engine. Chances are learnt apart for each length of the
// match a token rests on, for what its source says of other continuations (the share of places that
// go on like it, or that none is known), and for whether another source guesses the same. A guess
// that was not verified still tells, once the token is chosen, whether it was right.
//
// Threads: confined to the engine thread.  Errors: none.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/drafter.h"

namespace engram {

// Milliseconds of forward passes by rows, and how often guesses were right. Of one engine.
class DraftStatistics {
 public:
  static constexpr std::size_t kMaxRows = 16;

  void observe_pass(std::size_t rows, std::size_t branches, double ms);
  // The guesses before a pass, the likeliest first, and the tokens it chose.
  void observe(std::span<const Draft> guesses, std::span<const TokenId> chosen);

  double cost(std::size_t rows, std::size_t branches) const;  // relative to one row
  // Puts the guess whose first token is likeliest first.
  void rank(std::vector<Draft>& guesses) const;
  // That token `depth` of guess i is right if those before it are.
  double chance(std::span<const Draft> guesses, std::size_t i, std::size_t depth) const;
  // That its token `depth` is right where a likelier guess, with the same tokens before, is wrong.
  double second_chance(const Draft& guess, std::size_t depth) const;

 private:
  static constexpr std::size_t kLengths = 6;  // matches of 1, 2, 3-4, 5-8, 9-16, more tokens
  static constexpr std::size_t kShares = 4;   // of the places: under 0.2, 0.45, 0.8; more
  static constexpr std::size_t kKinds = 2 * (3 + kShares);
  using Chances = std::array<double, kLengths>;

  static std::size_t length_class(std::size_t matched);
  static std::size_t share_class(const DraftSupport& support);
  static std::size_t kind(std::span<const Draft> guesses, std::size_t i, std::size_t depth);
  void learn_slope(std::size_t size, double slope);

  double one_row_ms_ = 0;
  std::array<double, 3> slope_{0.12, 0.12, 0.12};  // of t(n)/t(1) - 1 per row: 2-4, 5-8, 9-16 rows
  std::array<std::size_t, 3> passes_{};            // that taught them
  double branch_cost_ = 0.04;
  // Priors: what was learnt on what SmolLM2-135M writes, docs/benchmarks/completion.md. Of each
  // pair the second where another guess agrees.
  std::array<Chances, kKinds> chance_{{{0.25, 0.20, 0.70, 0.85, 0.90, 0.95},
                                       {0.27, 0.60, 0.76, 0.88, 0.93, 0.96},  // one place
                                       {0.50, 0.45, 0.86, 0.93, 0.95, 0.97},
                                       {0.53, 0.78, 0.89, 0.93, 0.97, 0.97},  // several, alike
                                       {0.35, 0.49, 0.57, 0.74, 0.87, 0.94},
                                       {0.29, 0.70, 0.69, 0.83, 0.92, 0.92},  // guesses part here
                                       {0.14, 0.10, 0.12, 0.10, 0.10, 0.10},
                                       {0.15, 0.20, 0.20, 0.19, 0.15, 0.15},  // shares
                                       {0.12, 0.19, 0.20, 0.23, 0.35, 0.35},
                                       {0.17, 0.27, 0.36, 0.37, 0.35, 0.50},
                                       {0.30, 0.33, 0.37, 0.43, 0.47, 0.54},
                                       {0.28, 0.42, 0.53, 0.58, 0.55, 0.60},
                                       {0.55, 0.52, 0.58, 0.79, 0.74, 0.80},
                                       {0.54, 0.60, 0.78, 0.80, 0.84, 0.85}}};
  std::array<Chances, kShares> second_{{{0.10, 0.14, 0.18, 0.19, 0.19, 0.19},
                                        {0.16, 0.21, 0.30, 0.35, 0.25, 0.40},
                                        {0.19, 0.29, 0.38, 0.35, 0.52, 0.60},
                                        {0.31, 0.60, 0.50, 0.71, 0.70, 0.80}}};
};

}  // namespace engram
