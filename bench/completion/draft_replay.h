// bench/completion/draft_replay.h: what drafts cost and save on outputs that are known, without the
// model and without the clock.
//
// Drafters and controller work as in the engine; what a pass accepts follows from the output, and
// what it costs from costs that are built in or given. One replay learns from line to line, as an
// engine does.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/draft_controller.h"
#include "engine/drafter.h"

namespace engram {

class DraftReplay {
 public:
  // `row_cost`: what a further row of a pass costs, in passes of one; 0: as built in.
  explicit DraftReplay(std::size_t branches, double row_cost = 0);

  // A line: what its drafters know is told to them here. Returns how many times cheaper than plain
  // decoding it became.
  double add(std::span<const TokenId> prompt, std::span<const TokenId> output,
             std::span<const std::shared_ptr<Drafter>> drafters);

  struct Totals {
    std::size_t tokens = 0, passes = 0, drafted = 0, accepted = 0, branches = 0, entered = 0;
    double guessing_ms = 0;  // of drafters and controller, by the clock
  };
  const Totals& totals() const { return totals_; }
  const std::vector<double>& ratios() const { return ratios_; }

 private:
  std::size_t branches_;
  DraftStatistics statistics_;
  Totals totals_;
  std::vector<double> ratios_;
};

}  // namespace engram
