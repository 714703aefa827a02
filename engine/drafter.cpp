#include "engine/drafter.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace engram {
namespace {

class NgramDrafter final : public Drafter {
 public:
  explicit NgramDrafter(std::shared_ptr<const TokenHistory> texts) : texts_(std::move(texts)) {}

  void begin(std::span<const TokenId> prompt, std::string_view) override { observe(prompt); }

  void observe(std::span<const TokenId> tokens) override {
    for (const TokenId token : tokens) written_.append(token);
  }

  // One for each next token, then others that go apart later.
  std::vector<Draft> draft(std::size_t most, std::size_t chains) const override {
    std::vector<Draft> out;
    const std::vector<Found> places = find(most);
    for (const bool other_first : {true, false}) {
      for (std::size_t i = 0; i < places.size() && out.size() < chains; ++i) {
        const auto same = [&](const Draft& draft) {
          return draft.tokens.front() == places[i].tokens.front();
        };
        if (other_first && std::any_of(out.begin(), out.end(), same)) continue;
        Draft draft{.tokens = places[i].tokens, .first = {.matched = places[i].matched}};
        count(places, draft);
        add_draft(out, std::move(draft));
      }
    }
    return out;
  }

 private:
  struct Found {
    std::size_t matched = 0;
    std::vector<TokenId> tokens;  // what stands there, never empty
  };

  // Longest match first; of equals what was written here before the texts.
  std::vector<Found> find(std::size_t most) const {
    std::vector<Found> here, there, all;
    add(written_, written_.places(), most, here);
    if (texts_ == nullptr) return here;
    add(*texts_, texts_->places_of(written_.tokens()), most, there);
    std::merge(std::make_move_iterator(here.begin()), std::make_move_iterator(here.end()),
               std::make_move_iterator(there.begin()), std::make_move_iterator(there.end()),
               std::back_inserter(all),
               [](const Found& a, const Found& b) { return a.matched > b.matched; });
    return all;
  }

  static void add(const TokenHistory& history, std::span<const TokenHistory::Place> places,
                  std::size_t most, std::vector<Found>& out) {
    for (const TokenHistory::Place& place : places) {
      Found found{place.matched, history.continuation(place, most)};
      if (!found.tokens.empty()) out.push_back(std::move(found));
    }
  }

  // How many of the places with as long a match go on like the draft, token by token.
  static void count(std::span<const Found> places, Draft& draft) {
    const std::size_t matched = draft.first.matched;
    std::vector<DraftSupport> all(draft.tokens.size(), DraftSupport{0, 0, 0});
    for (std::size_t depth = 0; depth < all.size(); ++depth) all[depth].matched = matched + depth;
    for (const Found& found : places) {
      if (found.matched < matched) break;
      const std::size_t common = common_prefix(found.tokens, draft.tokens);
      for (std::size_t depth = 0; depth < common; ++depth) ++all[depth].seen, ++all[depth].places;
      if (common < std::min(found.tokens.size(), all.size())) ++all[common].places;
    }
    draft.first = all.front();
    draft.later.assign(all.begin() + 1, all.end());
  }

  std::shared_ptr<const TokenHistory> texts_;
  TokenHistory written_;
};

class AlignedDrafter final : public Drafter {
 public:
  explicit AlignedDrafter(std::vector<TokenId> old_text) : old_(std::move(old_text)) {}

  // An edit begins like the old text: that is worth as much as a match of so many tokens.
  static constexpr std::size_t kTrusted = 8;

  void begin(std::span<const TokenId>, std::string_view) override {}  // all that is old is known

  void observe(std::span<const TokenId> chosen) override {
    for (const TokenId token : chosen) {
      written_.push_back(token);
      if (at_ < old_.size() && old_[at_] == token) {
        ++at_;
        ++matched_;
      } else {
        find_place();
      }
    }
  }

  std::vector<Draft> draft(std::size_t most, std::size_t chains) const override {
    const std::size_t n = std::min(most, old_.size() - at_);
    if (matched_ == 0 || n == 0 || chains == 0) return {};
    const auto begin = old_.begin() + static_cast<std::ptrdiff_t>(at_);
    return {{.tokens = {begin, begin + static_cast<std::ptrdiff_t>(n)},
             .first = {.matched = matched_}}};
  }

 private:
  // The nearest place, forward first, after which the last few tokens stand; while there is none,
  // the old place waits: most differences are insertions.
  void find_place() {
    constexpr std::size_t kReach = 256, kLongest = 8, kLeast = 2;
    matched_ = 0;
    std::size_t best = 0, place = at_;
    const auto length_before = [&](std::size_t position) {
      std::size_t n = 0;
      while (n < kLongest && n < position && n < written_.size() &&
             old_[position - 1 - n] == written_[written_.size() - 1 - n]) {
        ++n;
      }
      return n;
    };
    const auto consider = [&](std::size_t position) {
      const std::size_t n = length_before(position);
      if (n <= best) return;
      best = n;
      place = position;
    };
    for (std::size_t i = at_; i <= std::min(old_.size(), at_ + kReach); ++i) consider(i);
    for (std::size_t i = at_; i-- > at_ - std::min(at_, kReach);) consider(i);
    if (best < kLeast) return;
    at_ = place;
    matched_ = best;
  }

  std::vector<TokenId> old_, written_;
  std::size_t at_ = 0;
  std::size_t matched_ = kTrusted;
};

}  // namespace

DraftSupport Draft::support(std::size_t depth) const {
  if (depth == 0) return first;
  if (depth <= later.size()) return later[depth - 1];
  const DraftSupport& last = later.empty() ? first : later.back();
  return {last.matched + depth - later.size(), last.seen, last.seen};
}

std::size_t common_prefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

void add_draft(std::vector<Draft>& drafts, Draft draft) {
  bool known = false;
  for (Draft& other : drafts) {
    const std::size_t common = common_prefix(draft.tokens, other.tokens);
    other.agreed = std::max(other.agreed, common);
    draft.agreed = std::max(draft.agreed, common);
    known = known || common == std::min(draft.tokens.size(), other.tokens.size());
  }
  if (known) return;
  const auto place = std::find_if(drafts.begin(), drafts.end(), [&](const Draft& other) {
    return other.first.matched < draft.first.matched;
  });
  drafts.insert(place, std::move(draft));
}

std::unique_ptr<Drafter> make_ngram_drafter(std::shared_ptr<const TokenHistory> texts) {
  return std::make_unique<NgramDrafter>(std::move(texts));
}

std::unique_ptr<Drafter> make_aligned_drafter(std::vector<TokenId> old_text) {
  return std::make_unique<AlignedDrafter>(std::move(old_text));
}

}  // namespace engram
