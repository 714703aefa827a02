#include "engine/draft_controller.h"

#include <algorithm>
#include <vector>

namespace engram {
namespace {

constexpr double kNewest = 0.1;         // weight of an observation of time,
constexpr double kNewestGuess = 0.025;  // and of a guess
constexpr double kLeastGain = 1.1;      // a draft has to promise this much, for it may fail
constexpr double kLeastChance = 0.05;   // of a token worth a row
constexpr double kAllowance = 0.03;     // of the time of plain decoding that may be lost
constexpr double kSmallRisk = 0.1;      // chance of a miss that may cost more

void blend(double& mean, double seen, double weight) { mean += weight * (seen - mean); }

std::size_t size_class(std::size_t rows) { return rows <= 4 ? 0 : rows <= 8 ? 1 : 2; }

std::size_t common_prefix(const Draft& a, const Draft& b) {
  return static_cast<std::size_t>(
      std::mismatch(a.tokens.begin(), a.tokens.end(), b.tokens.begin(), b.tokens.end()).first -
      a.tokens.begin());
}

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
// size never seen is taken to cost what the nearest one seen does.
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

std::size_t DraftStatistics::kind(std::span<const Draft> guesses, std::size_t i,
                                  std::size_t depth) {
  const Draft& guess = guesses[i];
  const bool differs = std::any_of(guesses.begin(), guesses.end(), [&](const Draft& other) {
    return &other != &guess && common_prefix(other, guess) == depth && other.tokens.size() > depth;
  });
  if (differs || (depth == 0 && guess.seen < guess.places)) return 2;
  return guess.seen > 1 ? 1 : 0;
}

double DraftStatistics::chance(std::span<const Draft> guesses, std::size_t i,
                               std::size_t depth) const {
  return chance_[kind(guesses, i, depth)][length_class(guesses[i].matched + depth)];
}

double DraftStatistics::second_chance(const Draft& guess) const {
  return second_[length_class(guess.matched)];
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
    learn(chance_[kind(guesses, i, depth)][length_class(guess.matched + depth)], right);
    if (right) continue;
    const auto second = std::find_if(
        guesses.begin() + static_cast<std::ptrdiff_t>(i) + 1, guesses.end(), [&](const Draft& g) {
          return g.tokens.size() > depth && common_prefix(g, guess) == depth;
        });
    if (second == guesses.end()) return;
    learn(second_[length_class(second->matched)], second->tokens[depth] == chosen[depth]);
    if (second->tokens[depth] != chosen[depth]) return;
    i = static_cast<std::size_t>(second - guesses.begin());
  }
}

namespace {

// Takes tokens of the guesses by their chance to be reached and right.
class TreeGrower {
 public:
  TreeGrower(const DraftStatistics& statistics, std::span<const Draft> guesses, double trust)
      : statistics_(statistics), guesses_(guesses) {
    const Draft& trunk = guesses.front();
    double reached = 1;
    for (std::size_t depth = 0; depth < trunk.tokens.size(); ++depth) {
      const double chance = trust * statistics.chance(guesses, 0, depth);
      missed_.push_back(reached * (1 - chance));
      reached *= chance;
    }
    chains_.push_back({.next = trust * statistics.chance(guesses, 0, 0), .trust = trust});
    for (std::size_t i = 1; i < guesses.size(); ++i) add_branch(i, trust);
  }

  // The chance of the token taken; 0: there is none left.
  double take(std::size_t branches) {
    Chain* best = nullptr;
    for (Chain& chain : chains_) {
      if (chain.taken + chain.depth >= guesses_[chain.guess].tokens.size()) continue;
      if (chain.guess != 0 && chain.taken == 0 && n_branches_ >= branches) continue;
      if (best == nullptr || chain.next > best->next) best = &chain;
    }
    if (best == nullptr || best->next < kLeastChance) return 0;
    if (best->taken++ == 0 && best->guess != 0) ++n_branches_;
    const double chance = best->next;
    best->next *=
        best->trust * statistics_.chance(guesses_, best->guess, best->depth + best->taken);
    return chance;
  }

  std::size_t n_branches() const { return n_branches_; }

  DraftTree tree() const {
    DraftTree tree;
    for (const Chain& chain : chains_) {
      if (chain.taken == 0) continue;
      const auto begin =
          guesses_[chain.guess].tokens.begin() + static_cast<std::ptrdiff_t>(chain.depth);
      std::vector<TokenId> tokens(begin, begin + static_cast<std::ptrdiff_t>(chain.taken));
      if (chain.guess == 0) {
        tree.trunk = std::move(tokens);
      } else {
        tree.branches.push_back({chain.depth, std::move(tokens)});
      }
    }
    return tree;
  }

 private:
  struct Chain {
    std::size_t guess = 0;
    std::size_t depth = 0;  // tokens it has in common with the trunk
    std::size_t taken = 0;  // after those
    double next = 0;        // chance of the next
    double trust = 1;
  };

  void add_branch(std::size_t i, double trust) {
    const Draft& guess = guesses_[i];
    const std::size_t depth = common_prefix(guesses_[0], guess);
    if (depth >= guess.tokens.size() || depth >= missed_.size()) return;
    const auto same = [&](const Chain& other) {
      return other.guess != 0 && other.depth == depth &&
             guesses_[other.guess].tokens[depth] == guess.tokens[depth];
    };
    if (std::any_of(chains_.begin(), chains_.end(), same)) return;
    const double chance = trust * statistics_.second_chance(guess);
    chains_.push_back(
        {.guess = i, .depth = depth, .next = missed_[depth] * chance, .trust = trust});
    missed_[depth] *= 1 - chance;
  }

  const DraftStatistics& statistics_;
  std::span<const Draft> guesses_;
  std::vector<Chain> chains_;
  std::vector<double> missed_;  // chance that the trunk is right up to there and no guess further
  std::size_t n_branches_ = 0;
};

}  // namespace

DraftTree DraftController::choose(const DraftStatistics& statistics, std::span<const Draft> guesses,
                                  std::size_t most, std::size_t branches) const {
  if (guesses.empty() || guesses.front().matched == 0) return {};
  TreeGrower grower(statistics, guesses, trust_);
  const bool safe = trust_ * statistics.chance(guesses, 0, 0) >= 1 - kSmallRisk;
  DraftTree best;
  double expected = 1, best_gain = kLeastGain;
  for (std::size_t k = 1; k <= std::min(most, DraftStatistics::kMaxRows - 1); ++k) {
    const double chance = grower.take(std::min(branches, DraftStatistics::kMaxBranches));
    if (chance == 0) break;
    expected += chance;
    const double cost = statistics.cost(k + 1, grower.n_branches());
    if (expected <= best_gain * cost || (!safe && cost - 1 > balance_)) continue;
    best_gain = expected / cost;
    best = grower.tree();
  }
  return best;
}

void DraftController::observe(bool first_was_right) {
  trust_ = first_was_right ? std::min(1.0, 0.25 + trust_) : std::max(0.2, 0.75 * trust_);
}

void DraftController::account(double cost, std::size_t tokens) {
  balance_ += static_cast<double>(tokens) - cost + kAllowance;
}

}  // namespace engram
