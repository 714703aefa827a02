#include "engine/draft_controller.h"

#include <algorithm>
#include <vector>

namespace engram {
namespace {

constexpr double kLeastTrust = 0.5;
constexpr double kLeastGain = 1.1;     // a draft has to promise this much, for it may fail
constexpr double kLeastChance = 0.05;  // of a token worth a row
constexpr double kAllowance = 0.03;    // of the time of plain decoding that may be lost
constexpr double kLeastRisk = 0.05, kMostRisk = 0.4;  // chance of a miss that may cost more, ...
constexpr double kRiskLess = 0.8;                     // ... less by this for what a row costs

// Chosen on replays: docs/benchmarks/completion.md.
double risk_taken(const DraftStatistics& statistics) {
  const double row = statistics.cost(2, 0) - 1;
  return std::clamp(kMostRisk - kRiskLess * row, kLeastRisk, kMostRisk);
}

// Takes tokens of the guesses by their chance to be reached and right.
class TreeGrower {
 public:
  TreeGrower(const DraftStatistics& statistics, std::span<const Draft> guesses, double trust)
      : statistics_(statistics), guesses_(guesses), trust_(trust) {
    const Draft& trunk = guesses.front();
    double reached = 1;
    for (std::size_t depth = 0; depth < trunk.tokens.size(); ++depth) {
      const double chance = trust_ * statistics.chance(guesses, 0, depth);
      missed_.push_back(reached * (1 - chance));
      reached *= chance;
    }
    chains_.push_back({.next = trust_ * statistics.chance(guesses, 0, 0)});
    for (std::size_t i = 1; i < guesses.size(); ++i) add_branch(i);
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
    best->next *= trust_ * statistics_.chance(guesses_, best->guess, best->depth + best->taken);
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
  };

  void add_branch(std::size_t i) {
    const Draft& guess = guesses_[i];
    const std::size_t depth = common_prefix(guesses_[0].tokens, guess.tokens);
    if (depth >= guess.tokens.size() || depth >= missed_.size()) return;
    const auto same = [&](const Chain& other) {
      return other.guess != 0 && other.depth == depth &&
             guesses_[other.guess].tokens[depth] == guess.tokens[depth];
    };
    if (std::any_of(chains_.begin(), chains_.end(), same)) return;
    const double chance = trust_ * statistics_.second_chance(guess, depth);
    chains_.push_back({.guess = i, .depth = depth, .next = missed_[depth] * chance});
    missed_[depth] *= 1 - chance;
  }

  const DraftStatistics& statistics_;
  std::span<const Draft> guesses_;
  const double trust_;
  std::vector<Chain> chains_;
  std::vector<double> missed_;  // chance that the trunk is right up to there and no guess further
  std::size_t n_branches_ = 0;
};

}  // namespace

DraftTree DraftController::choose(const DraftStatistics& statistics, std::span<const Draft> guesses,
                                  std::size_t most, std::size_t branches) const {
  if (guesses.empty() || guesses.front().first.matched == 0) return {};
  TreeGrower grower(statistics, guesses, trust_);
  const bool safe = trust_ * statistics.chance(guesses, 0, 0) >= 1 - risk_taken(statistics);
  DraftTree best;
  double expected = 1, best_gain = kLeastGain;
  for (std::size_t k = 1; k <= std::min(most, DraftStatistics::kMaxRows - 1); ++k) {
    const double chance = grower.take(std::min(branches, kMaxBranches));
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
  trust_ = first_was_right ? std::min(1.0, 0.02 + trust_) : std::max(kLeastTrust, 0.97 * trust_);
}

void DraftController::account(double cost, std::size_t tokens) {
  balance_ += static_cast<double>(tokens) - cost + kAllowance;
}

}  // namespace engram
