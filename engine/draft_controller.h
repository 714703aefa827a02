// engine/draft_controller.h: how many drafted tokens are worth verifying, if any.
//
// Verifying k drafted tokens takes a pass of k + 1 rows. It pays when the tokens it is expected to
// yield, (1 - a^(k+1)) / (1 - a) with a the chance that a drafted token is right, exceed what the
// pass costs, t(k + 1) / t(1). Both are learnt: t from the passes of this engine, a for each length
// of the match a draft rests on, and how well this request's guesses have done so far. A guess that
// was not worth verifying still tells, once the token is chosen, whether it was right: drafting
// that was turned off comes back when it would pay, at no cost.
//
// Threads: confined to the engine thread.  Errors: none.
#pragma once

#include <array>
#include <cstddef>

namespace engram {

// Milliseconds of forward passes by rows, and how often drafts were right. Of one engine.
class DraftStatistics {
 public:
  static constexpr std::size_t kMaxRows = 16;

  void observe_pass(std::size_t rows, double ms);
  void observe_draft(std::size_t matched, std::size_t accepted, std::size_t drafted);

  double cost(std::size_t rows) const;  // relative to one row
  double chance(std::size_t matched) const { return chance_[bucket(matched)]; }

 private:
  static std::size_t bucket(std::size_t matched);

  // Priors: measured on RocksDB lines with Qwen2.5-Coder 1.5B, docs/design/004-serving.md.
  double one_row_ms_ = 0;
  std::array<double, 3> slope_{0.12, 0.12, 0.12};  // of t(n)/t(1) - 1 per row: 2-4, 5-8, 9-16 rows
  std::array<double, 6> chance_{0.35, 0.5, 0.6, 0.72, 0.82, 0.9};  // 1, 2, 3-4, 5-8, 9-16, more
};

// Of one request.
class DraftController {
 public:
  // How many of at most `most` drafted tokens to verify.
  std::size_t choose(const DraftStatistics& statistics, std::size_t matched,
                     std::size_t most) const;
  void observe(bool first_was_right);

 private:
  double trust_ = 1;  // scales the chances
};

}  // namespace engram
