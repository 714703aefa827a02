#include "assist/recall/memory_drafter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "assist/recall/place_matches.h"

namespace engram {
namespace {

constexpr std::size_t kMostChains = 4;
constexpr std::size_t kMostLookUps = 24;  // along all chains of one question
constexpr double kLeastReached = 0.1;     // chance of a chain's last token, by shares of places

class MemoryDrafter final : public Drafter {
 public:
  MemoryDrafter(std::shared_ptr<const EngramView> view, ContextSpelling spelling,
                const MatchWorth& worth)
      : places_(std::move(view), std::move(spelling)), worth_(worth) {}

  void begin(std::span<const TokenId> prompt, std::string_view forced) override {
    if (places_.spelling().spells()) forced_left_ = forced;
    append(prompt);
  }

  void observe(std::span<const TokenId> chosen) override {
    chosen_ = true;
    for (const TokenId token : chosen) take_from_forced(token);
    append(chosen);
  }

  std::vector<Draft> draft(std::size_t most, std::size_t chains) const override {
    std::vector<Draft> out;
    if (most == 0 || places_.view().damaged()) return out;
    const auto& found = places_.find(last_, forced_left_, chosen_ && forced_left_.empty());
    look_ups_ = 0;
    for (const ContextMatch& match : found.matches) {
      if (match.length < worth_.least) break;
      for (const NextToken& next : match.next) {
        if (out.size() >= std::min(chains, kMostChains)) return out;
        Draft draft{.tokens = added(found, next), .first = support(match, next, 0)};
        const auto same = [&](const Draft& d) { return d.tokens.front() == draft.tokens.front(); };
        if (std::any_of(out.begin(), out.end(), same)) continue;
        follow(found.context, match, next, most, draft);
        out.push_back(std::move(draft));
      }
    }
    return out;
  }

 private:
  void append(std::span<const TokenId> tokens) {
    const auto last = tokens.last(std::min(tokens.size(), ContextSpelling::kTail));
    last_.insert(last_.end(), last.begin(), last.end());
    if (last_.size() > ContextSpelling::kTail) {
      last_.erase(last_.begin(), last_.end() - std::ptrdiff_t{ContextSpelling::kTail});
    }
  }

  void take_from_forced(TokenId token) {
    if (forced_left_.empty()) return;
    const std::size_t n = places_.spelling().index().tokenizer().bytes(token).size();
    forced_left_.erase(0, std::min(n, forced_left_.size()));
  }

  // The tokens that spell what a next token of the repository adds to the text.
  std::vector<TokenId> added(const PlaceMatches::Found& found, const NextToken& next) const {
    if (found.open.empty()) return {next.token};
    const Tokenizer& tokenizer = places_.spelling().index().tokenizer();
    return tokenizer.encode(tokenizer.bytes(next.token).substr(found.written));
  }

  // On as most places go, while that is likely to be right; then as the first place does.
  void follow(std::span<const TokenId> context, const ContextMatch& match, const NextToken& next,
              std::size_t most, Draft& draft) const {
    while (draft.later.size() + 1 < draft.tokens.size()) {  // of one token of the repository
      draft.later.push_back(draft.support(draft.later.size() + 1));
    }
    std::vector<TokenId> written(context.begin(), context.end());
    std::size_t length = match.length;
    std::uint64_t left = next.count;
    double reached = 1;
    written.push_back(next.token);
    for (; left > 1 && draft.tokens.size() < most && look_ups_ < kMostLookUps; ++look_ups_) {
      places_.view().look_up(written, further_, kMaxEngramContext, 1);
      const ContextMatch* const further = further_.longest();
      if (further == nullptr || further->next.empty()) return;
      const NextToken& best = further->next.front();
      draft.later.push_back(support(*further, best, draft.tokens.size()));
      draft.tokens.push_back(best.token);
      written.push_back(best.token);
      length = further->length;
      left = best.count;
      reached *= double(left) / double(std::max<std::uint64_t>(1, further->occurrences));
      if (reached < kLeastReached) return;
    }
    add_place(written, std::min(length + 1, kMaxEngramContext), most, draft);
  }

  // What stands at the first place where the last `length` tokens written do.
  void add_place(std::span<const TokenId> written, std::size_t length, std::size_t most,
                 Draft& draft) const {
    if (draft.tokens.size() >= most) return draft.tokens.resize(most);
    const auto places = places_.view().positions(written, length, 1);
    if (places.empty()) return;
    const auto more = places_.view().tokens_at(places.front(), most - draft.tokens.size());
    draft.tokens.insert(draft.tokens.end(), more.begin(), more.end());
  }

  DraftSupport support(const ContextMatch& match, const NextToken& next, std::size_t depth) const {
    return {.matched = std::min<std::size_t>(match.length, worth_.most + depth),
            .seen = next.count,
            .places =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(match.occurrences, UINT32_MAX))};
  }

  mutable PlaceMatches places_;
  const MatchWorth worth_;
  std::string forced_left_;    // what has to be written next
  std::vector<TokenId> last_;  // of the request
  bool chosen_ = false;        // something was
  mutable LookupAnswer further_;
  mutable std::size_t look_ups_ = 0;  // of the last question
};

}  // namespace

std::shared_ptr<Drafter> make_memory_drafter(std::shared_ptr<const EngramView> view,
                                             ContextSpelling spelling, const MatchWorth& worth) {
  return std::make_shared<MemoryDrafter>(std::move(view), std::move(spelling), worth);
}

}  // namespace engram
