// engine/draft_controller.h: which guesses are worth verifying, and how much of each: none, a chain
// or a tree.
//
// Verifying k drafted tokens takes a pass of k + 1 rows. What a tree is expected to yield is one
// token and, for each of its own, the chance that it is reached and right; tokens are added by that
// chance, and the tree is taken where yield by cost is best. Costs are learnt from the passes of
// this engine; chances for each length of the match a guess rests on and for what its source says
// of other continuations; and how far this request's guesses are to be trusted. A guess that was
// not verified still tells, once the token is chosen, whether it was right: drafting that was
// turned off comes back when it would pay, at no cost.
//
// A line must not become slower for its drafts. So a pass may risk what earlier ones of the request
// have won and a small credit, and more only where a miss is unlikely.
//
// Threads: confined to the engine thread.  Errors: none.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "engine/draft_tree.h"
#include "engine/drafter.h"

namespace engram {

// Milliseconds of forward passes by rows, and how often guesses were right. Of one engine.
class DraftStatistics {
 public:
  static constexpr std::size_t kMaxRows = 16;
  static constexpr std::size_t kMaxBranches = 3;

  void observe_pass(std::size_t rows, std::size_t branches, double ms);
  // The guesses before a pass, the likeliest first, and the tokens it chose.
  void observe(std::span<const Draft> guesses, std::span<const TokenId> chosen);

  double cost(std::size_t rows, std::size_t branches) const;  // relative to one row
  // That token `depth` of guess i is right if those before it are.
  double chance(std::span<const Draft> guesses, std::size_t i, std::size_t depth) const;
  // That a guess is right where a likelier one, with the same tokens before, is wrong.
  double second_chance(const Draft& guess) const;

 private:
  static constexpr std::size_t kLengths = 6, kKinds = 3;
  static std::size_t length_class(std::size_t matched);
  void learn_slope(std::size_t size, double slope);
  static std::size_t kind(std::span<const Draft> guesses, std::size_t i, std::size_t depth);

  // Priors: learnt on 117 RocksDB lines with SmolLM2-135M, docs/design/004-serving.md.
  double one_row_ms_ = 0;
  std::array<double, 3> slope_{0.12, 0.12, 0.12};  // of t(n)/t(1) - 1 per row: 2-4, 5-8, 9-16 rows
  std::array<std::size_t, 3> passes_{};            // that taught them
  double branch_cost_ = 0.04;
  using Chances = std::array<double, kLengths>;  // matches of 1, 2, 3-4, 5-8, 9-16, more tokens
  std::array<Chances, kKinds> chance_{{{0.35, 0.6, 0.68, 0.82, 0.88, 0.92},  // one place
                                       {0.55, 0.66, 0.72, 0.85, 0.9, 0.93},  // several that agree
                                       {0.3, 0.5, 0.6, 0.68, 0.7, 0.66}}};   // others differ
  Chances second_{0.15, 0.22, 0.32, 0.3, 0.3, 0.3};
};

// Of one request.
class DraftController {
 public:
  // What to verify of the guesses, the likeliest first: at most `most` tokens and `branches`.
  DraftTree choose(const DraftStatistics& statistics, std::span<const Draft> guesses,
                   std::size_t most, std::size_t branches) const;
  void observe(bool first_was_right);
  // A pass that cost so much yielded `tokens`.
  void account(double cost, std::size_t tokens);

 private:
  double trust_ = 0.8;     // scales the chances
  double balance_ = 0.13;  // passes of one row that may be lost
};

}  // namespace engram
