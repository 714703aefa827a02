#include "assist/recall/memory_drafter.h"

#include <algorithm>
#include <utility>

namespace engram {
namespace {

constexpr std::size_t kMostChains = 4;

class MemoryDrafter final : public Drafter {
 public:
  MemoryDrafter(std::shared_ptr<const EngramView> view, ContextSpelling spelling,
                const MatchWorth& worth)
      : view_(std::move(view)), spelling_(std::move(spelling)), worth_(worth) {}

  void observe(std::span<const TokenId> tokens) override {
    const auto last = tokens.last(std::min(tokens.size(), ContextSpelling::kTail));
    last_.insert(last_.end(), last.begin(), last.end());
    if (last_.size() > ContextSpelling::kTail) {
      last_.erase(last_.begin(), last_.end() - std::ptrdiff_t{ContextSpelling::kTail});
    }
  }

  std::vector<Draft> draft(std::size_t most, std::size_t chains) const override {
    std::vector<Draft> out;
    if (most == 0 || view_->damaged()) return out;
    const auto context = spelling_.chosen(last_);
    view_->look_up(context, answer_);
    for (const ContextMatch& match : answer_.matches()) {
      if (match.length < worth_.least) break;
      for (const NextToken& next : match.next) {
        if (out.size() >= std::min(chains, kMostChains)) return out;
        const auto same = [&](const Draft& draft) { return draft.tokens.front() == next.token; };
        if (std::any_of(out.begin(), out.end(), same)) continue;
        out.push_back(follow(context, match, next, most));
      }
    }
    return out;
  }

 private:
  Draft follow(std::span<const TokenId> context, const ContextMatch& match, const NextToken& next,
               std::size_t most) const {
    Draft draft{.tokens = {next.token},
                .matched = std::min<std::size_t>(match.length, worth_.most),
                .seen = next.count,
                .places = static_cast<std::uint32_t>(
                    std::min<std::uint64_t>(match.occurrences, UINT32_MAX))};
    std::vector<TokenId> with_next(
        context.end() -
            static_cast<std::ptrdiff_t>(std::min<std::size_t>(match.length, kMaxEngramContext - 1)),
        context.end());
    with_next.push_back(next.token);
    const auto places = view_->positions(with_next, with_next.size(), 1);
    if (places.empty()) return draft;
    const auto more = view_->tokens_at(places.front(), most - 1);
    draft.tokens.insert(draft.tokens.end(), more.begin(), more.end());
    return draft;
  }

  std::shared_ptr<const EngramView> view_;
  ContextSpelling spelling_;
  const MatchWorth worth_;
  std::vector<TokenId> last_;  // of the request
  mutable LookupAnswer answer_;
};

}  // namespace

std::shared_ptr<Drafter> make_memory_drafter(std::shared_ptr<const EngramView> view,
                                             ContextSpelling spelling, const MatchWorth& worth) {
  return std::make_shared<MemoryDrafter>(std::move(view), std::move(spelling), worth);
}

}  // namespace engram
