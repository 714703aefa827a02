// engine/draft_statistics.h: what verifying guesses costs, and how often they are right.
//
// Costs are learnt from the passes of this engine. Chances are learnt apart for each length of the
// match a guess rests on, for what its source says of other continuations (the share of places that
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
  // That a guess is right where a likelier one, with the same tokens before, is wrong.
  double second_chance(const Draft& guess) const;

 private:
  static constexpr std::size_t kLengths = 6;  // matches of 1, 2, 3-4, 5-8, 9-16, more tokens
  static constexpr std::size_t kShares = 4;   // of the places: under 0.2, 0.45, 0.8; more
  static constexpr std::size_t kKinds = 2 * (3 + kShares);
  using Chances = std::array<double, kLengths>;

  static std::size_t length_class(std::size_t matched);
  static std::size_t share_class(const Draft& guess);
  static std::size_t kind(std::span<const Draft> guesses, std::size_t i, std::size_t depth);
  void learn_slope(std::size_t size, double slope);

  double one_row_ms_ = 0;
  std::array<double, 3> slope_{0.12, 0.12, 0.12};  // of t(n)/t(1) - 1 per row: 2-4, 5-8, 9-16 rows
  std::array<std::size_t, 3> passes_{};            // that taught them
  double branch_cost_ = 0.04;
  // Priors: what was learnt on what SmolLM2-135M writes, docs/benchmarks/completion.md. Of each
  // pair the second where another guess agrees.
  std::array<Chances, kKinds> chance_{{{0.30, 0.40, 0.76, 0.83, 0.91, 0.95},
                                       {0.25, 0.60, 0.82, 0.91, 0.95, 0.94},  // one place
                                       {0.68, 0.47, 0.67, 0.78, 0.86, 0.92},
                                       {0.57, 0.70, 0.79, 0.92, 0.97, 0.94},  // several, alike
                                       {0.42, 0.45, 0.41, 0.68, 0.83, 0.61},
                                       {0.38, 0.72, 0.70, 0.83, 0.90, 0.89},  // guesses part here
                                       {0.09, 0.11, 0.12, 0.17, 0.23, 0.25},
                                       {0.10, 0.13, 0.13, 0.19, 0.24, 0.25},  // shares
                                       {0.09, 0.13, 0.13, 0.26, 0.32, 0.40},
                                       {0.17, 0.20, 0.22, 0.25, 0.32, 0.40},
                                       {0.31, 0.23, 0.29, 0.38, 0.47, 0.62},
                                       {0.31, 0.56, 0.50, 0.46, 0.48, 0.62},
                                       {0.45, 0.57, 0.58, 0.81, 0.81, 0.80},
                                       {0.55, 0.60, 0.75, 0.80, 0.81, 0.80}}};
  std::array<Chances, kShares> second_{{{0.11, 0.10, 0.12, 0.10, 0.19, 0.15},
                                        {0.21, 0.18, 0.27, 0.26, 0.27, 0.30},
                                        {0.28, 0.28, 0.32, 0.45, 0.45, 0.42},
                                        {0.25, 0.40, 0.48, 0.54, 0.58, 0.57}}};
};

}  // namespace engram
