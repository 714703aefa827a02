#include "engine/draft_statistics.h"

#include <algorithm>
#include <utility>

namespace engram {
namespace {

constexpr double kNewest = 0.1;         // weight of an observation of time,
constexpr double kNewestGuess = 0.025;  // and of a guess

void blend(double& mean, double seen, double weight) { mean += weight * (seen - mean); }

std::size_t size_class(std::size_t rows) { return rows <= 4 ? 0 : rows <= 8 ? 1 : 2; }

}  // namespace

void DraftStatistics::observe_pass(std::size_t rows, std::size_t branches, double ms) {
  if (!(ms > 0) || rows == 0 || rows > kMaxRows) return;
  if (rows == 1) {
    one_row_ms_ = one_row_ms_ > 0 ? one_row_ms_ + kNewest * (ms - one_row_ms_) : ms;
    return;
  }
  if (!(one_row_ms_ > 0)) return;
  const double relative = ms / one_row_ms_;
  if (branches > 0) {
    const double extra = (relative - cost(rows, 0)) / static_cast<double>(branches);
    return blend(branch_cost_, std::clamp(extra, 0.0, 1.0), kNewest);
  }
  const double slope = (relative - 1) / static_cast<double>(rows - 1);
  learn_slope(size_class(rows), std::clamp(slope, 0.0, 1.0));
}

// Machines differ five times in what a row costs, so the prior weighs no more than one pass; and a
// size never seen is taken to cost what the one learnt last does.
void DraftStatistics::learn_slope(std::size_t size, double slope) {
  ++passes_[size];
  blend(slope_[size], slope, std::max(kNewest, 1.0 / static_cast<double>(1 + passes_[size])));
  for (std::size_t other = 0; other < slope_.size(); ++other) {
    if (passes_[other] == 0) slope_[other] = slope_[size];
  }
}

double DraftStatistics::cost(std::size_t rows, std::size_t branches) const {
  return 1 + slope_[size_class(rows)] * static_cast<double>(rows - 1) +
         branch_cost_ * static_cast<double>(branches);
}

std::size_t DraftStatistics::length_class(std::size_t matched) {
  if (matched <= 2) return matched <= 1 ? 0 : 1;
  if (matched <= 4) return 2;
  if (matched <= 8) return 3;
  return matched <= 16 ? 4 : 5;
}

std::size_t DraftStatistics::share_class(const DraftSupport& support) {
  const double share = static_cast<double>(support.seen) / std::max(1U, support.places);
  if (share < 0.45) return share < 0.2 ? 0 : 1;
  return share < 0.8 ? 2 : 3;
}

std::size_t DraftStatistics::kind(std::span<const Draft> guesses, std::size_t i,
                                  std::size_t depth) {
  const Draft& guess = guesses[i];
  const std::size_t agreed = guess.agreed > depth ? 1 : 0;
  const DraftSupport support = guess.support(depth);
  if (support.seen < support.places) return 2 * (3 + share_class(support)) + agreed;
  const bool parts = std::any_of(guesses.begin(), guesses.end(), [&](const Draft& other) {
    return &other != &guess && common_prefix(other.tokens, guess.tokens) == depth &&
           other.tokens.size() > depth;
  });
  if (parts) return 4 + agreed;
  return (support.seen > 1 ? 2 : 0) + agreed;
}

void DraftStatistics::rank(std::vector<Draft>& guesses) const {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < guesses.size(); ++i) order.emplace_back(-chance(guesses, i, 0), i);
  std::sort(order.begin(), order.end());
  std::vector<Draft> ranked;
  for (const auto& [chance, i] : order) ranked.push_back(std::move(guesses[i]));
  guesses = std::move(ranked);
}

double DraftStatistics::chance(std::span<const Draft> guesses, std::size_t i,
                               std::size_t depth) const {
  return chance_[kind(guesses, i, depth)][length_class(guesses[i].support(depth).matched)];
}

double DraftStatistics::second_chance(const Draft& guess, std::size_t depth) const {
  const DraftSupport support = guess.support(depth);
  return second_[share_class(support)][length_class(support.matched)];
}

// Along the likeliest guess as far as it is right; then along the one that was, if there is one.
void DraftStatistics::observe(std::span<const Draft> guesses, std::span<const TokenId> chosen) {
  const auto learn = [](double& chance, bool right) {
    blend(chance, right ? 1 : 0, kNewestGuess);
    chance = std::clamp(chance, 0.02, 0.98);
  };
  std::size_t i = 0;
  for (std::size_t depth = 0; i < guesses.size() && depth < chosen.size(); ++depth) {
    const Draft& guess = guesses[i];
    if (depth >= guess.tokens.size()) return;
    const bool right = guess.tokens[depth] == chosen[depth];
    learn(chance_[kind(guesses, i, depth)][length_class(guess.support(depth).matched)], right);
    if (right) continue;
    const auto second = std::find_if(
        guesses.begin() + static_cast<std::ptrdiff_t>(i) + 1, guesses.end(), [&](const Draft& g) {
          return g.tokens.size() > depth && common_prefix(g.tokens, guess.tokens) == depth;
        });
    if (second == guesses.end()) return;
    const DraftSupport support = second->support(depth);
    learn(second_[share_class(support)][length_class(support.matched)],
          second->tokens[depth] == chosen[depth]);
    if (second->tokens[depth] != chosen[depth]) return;
    i = static_cast<std::size_t>(second - guesses.begin());
  }
}

}  // namespace engram
