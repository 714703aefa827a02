// engine/draft_controller.h: which guesses are worth verifying, and how much of each: none, a chain
// or a tree.
//
// Verifying k drafted tokens takes a pass of k + 1 rows. What a tree is expected to yield is one
// token and, for each of its own, the chance that it is reached and right; tokens are added by that
// chance, and the tree is taken where yield by cost is best. Costs and chances are what this engine
// has learnt (engine/draft_statistics.h), and unverified guesses teach, too: drafting that was
// turned off comes back when it would pay, at no cost.
//
// A line must not become slower for its drafts. So a pass may risk what earlier ones of the request
// have won and a small credit, and more only where the first token is likely enough to be right,
// and the likelier, the more a row costs.
//
// Threads: confined to the engine thread.  Errors: none.
#pragma once

#include <cstddef>
#include <span>

#include "engine/draft_statistics.h"
#include "engine/draft_tree.h"
#include "engine/drafter.h"

namespace engram {

// Of one request.
class DraftController {
 public:
  static constexpr std::size_t kMaxBranches = 3;

  // What to verify of the guesses, ranked: at most `most` tokens and `branches`.
  DraftTree choose(const DraftStatistics& statistics, std::span<const Draft> guesses,
                   std::size_t most, std::size_t branches) const;
  void observe(bool first_was_right);
  // A pass that cost so much yielded `tokens`.
  void account(double cost, std::size_t tokens);

 private:
  double trust_ = 0.9;     // in chances learnt from other requests: scales them
  double balance_ = 0.13;  // passes of one row that may be lost
};

}  // namespace engram
