#include "engine/drafter.h"

#include <algorithm>
#include <utility>

#include "engine/suffix_automaton.h"

namespace engram {
namespace {

class NgramDrafter final : public Drafter {
 public:
  explicit NgramDrafter(std::span<const std::shared_ptr<const std::vector<TokenId>>> texts) {
    for (const auto& text : texts) {
      observe(*text);
      automaton_.append_separator();
    }
  }

  void observe(std::span<const TokenId> tokens) override {
    for (const TokenId token : tokens) automaton_.append(token);
  }

  Draft draft(std::size_t most) const override {
    const auto [length, next] = automaton_.match();
    Draft out{.tokens = {}, .matched = length};
    const auto& tokens = automaton_.tokens();
    for (std::size_t i = next; i < tokens.size() && out.tokens.size() < most; ++i) {
      if (tokens[i] < 0) break;  // the end of a text
      out.tokens.push_back(tokens[i]);
    }
    return out;
  }

 private:
  SuffixAutomaton automaton_;
};

class AlignedDrafter final : public Drafter {
 public:
  explicit AlignedDrafter(std::vector<TokenId> old_text) : old_(std::move(old_text)) {}

  // The first call is the prompt: nothing of the text has been written yet.
  void observe(std::span<const TokenId> tokens) override {
    if (!std::exchange(began_, true)) return;
    for (const TokenId token : tokens) {
      written_.push_back(token);
      if (at_ < old_.size() && old_[at_] == token) {
        ++at_;
        ++matched_;
      } else {
        find_place();
      }
    }
  }

  Draft draft(std::size_t most) const override {
    Draft out{.tokens = {}, .matched = matched_};
    if (matched_ == 0) return out;
    const auto begin = old_.begin() + static_cast<std::ptrdiff_t>(at_);
    out.tokens.assign(begin,
                      begin + static_cast<std::ptrdiff_t>(std::min(most, old_.size() - at_)));
    return out;
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
  std::size_t matched_ = 1;  // an edit begins like the old text
  bool began_ = false;
};

}  // namespace

std::unique_ptr<Drafter> make_ngram_drafter(
    std::span<const std::shared_ptr<const std::vector<TokenId>>> texts) {
  return std::make_unique<NgramDrafter>(texts);
}

std::unique_ptr<Drafter> make_aligned_drafter(std::vector<TokenId> old_text) {
  return std::make_unique<AlignedDrafter>(std::move(old_text));
}

}  // namespace engram
