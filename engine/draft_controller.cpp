#include "engine/draft_controller.h"

#include <algorithm>

namespace engram {
namespace {

constexpr double kNewest = 0.1;     // weight of an observation
constexpr double kLeastGain = 1.1;  // a draft has to promise this much, for it may fail

void blend(double& mean, double seen, double weight) { mean += weight * (seen - mean); }

std::size_t size_class(std::size_t rows) { return rows <= 4 ? 0 : rows <= 8 ? 1 : 2; }

}  // namespace

void DraftStatistics::observe_pass(std::size_t rows, double ms) {
  if (!(ms > 0) || rows == 0 || rows > kMaxRows) return;
  if (rows == 1) {
    one_row_ms_ = one_row_ms_ > 0 ? one_row_ms_ + kNewest * (ms - one_row_ms_) : ms;
    return;
  }
  if (!(one_row_ms_ > 0)) return;
  const double slope = (ms / one_row_ms_ - 1) / static_cast<double>(rows - 1);
  blend(slope_[size_class(rows)], std::clamp(slope, 0.0, 1.0), kNewest);
}

double DraftStatistics::cost(std::size_t rows) const {
  return 1 + slope_[size_class(rows)] * static_cast<double>(rows - 1);
}

std::size_t DraftStatistics::bucket(std::size_t matched) {
  if (matched <= 2) return matched <= 1 ? 0 : 1;
  if (matched <= 4) return 2;
  if (matched <= 8) return 3;
  return matched <= 16 ? 4 : 5;
}

// Tokens after the first wrong one say nothing.
void DraftStatistics::observe_draft(std::size_t matched, std::size_t accepted,
                                    std::size_t drafted) {
  double& chance = chance_[bucket(matched)];
  for (std::size_t i = 0; i < accepted; ++i) blend(chance, 1, kNewest / 4);
  if (accepted < drafted) blend(chance, 0, kNewest / 4);
  chance = std::clamp(chance, 0.02, 0.98);
}

std::size_t DraftController::choose(const DraftStatistics& statistics, std::size_t matched,
                                    std::size_t most) const {
  if (matched == 0) return 0;
  const double chance = trust_ * statistics.chance(matched);
  double expected = 1, power = 1, best_gain = kLeastGain;
  std::size_t best = 0;
  for (std::size_t k = 1; k <= std::min(most, DraftStatistics::kMaxRows - 1); ++k) {
    power *= chance;
    expected += power;
    const double gain = expected / statistics.cost(k + 1);
    if (gain <= best_gain) continue;
    best_gain = gain;
    best = k;
  }
  return best;
}

void DraftController::observe(bool first_was_right) {
  trust_ = first_was_right ? std::min(1.0, 0.25 + trust_) : std::max(0.2, 0.75 * trust_);
}

}  // namespace engram
