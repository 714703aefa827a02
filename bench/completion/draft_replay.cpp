#include "bench/completion/draft_replay.h"

#include <chrono>

namespace engram {

namespace {

constexpr std::size_t kMostDrafted = 15, kGuesses = 6;  // as in the engine

}  // namespace

DraftReplay::DraftReplay(std::size_t branches, double row_cost) : branches_(branches) {
  for (int i = 0; row_cost > 0 && i < 200; ++i) {
    statistics_.observe_pass(1, 0, 1);
    for (const std::size_t rows : {2U, 6U, 12U}) {
      statistics_.observe_pass(rows, 0, 1 + row_cost * static_cast<double>(rows - 1));
    }
  }
}

double DraftReplay::add(std::span<const TokenId> prompt, std::span<const TokenId> output,
                        std::span<const std::shared_ptr<Drafter>> drafters) {
  DraftController controller;
  double cost = 0;
  for (const auto& drafter : drafters) drafter->begin(prompt, {});
  for (std::size_t at = 0; at < output.size();) {
    const auto begun = std::chrono::steady_clock::now();
    std::vector<Draft> guesses;
    for (const auto& drafter : drafters) {
      for (Draft& guess : drafter->draft(kMostDrafted, kGuesses)) {
        add_draft(guesses, std::move(guess));
      }
    }
    statistics_.rank(guesses);
    const DraftTree tree = controller.choose(statistics_, guesses, kMostDrafted, branches_);
    totals_.guessing_ms +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
    DraftWalk walk(tree);
    std::size_t n = 1;
    while (walk.step(output[at + n - 1]) && at + n < output.size()) ++n;
    const auto chosen = output.subspan(at, n);
    const double pass = statistics_.cost(1 + tree.size(), tree.branches.size());
    cost += pass;
    controller.account(pass, n);
    if (!guesses.empty()) {
      controller.observe(guesses.front().tokens.front() == chosen.front());
      statistics_.observe(guesses, chosen);
    }
    for (const auto& drafter : drafters) drafter->observe(chosen);
    at += n;
    ++totals_.passes;
    totals_.drafted += tree.size();
    totals_.accepted += n - 1;
    totals_.branches += tree.branches.size();
    totals_.entered += walk.branch().has_value() ? 1 : 0;
  }
  totals_.tokens += output.size();
  ratios_.push_back(static_cast<double>(output.size()) / cost);
  return ratios_.back();
}

}  // namespace engram
