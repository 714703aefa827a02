#include "tests/memory/recall_oracle.h"

#include <algorithm>
#include <random>
#include <unordered_map>
#include <utility>

namespace engram {
namespace {

constexpr std::size_t kShortest = 4;
constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15u;
constexpr std::size_t kFilterBits = std::size_t{1} << 22;

std::uint64_t hash_of(std::span<const EngramToken> tokens) {
  std::uint64_t h = 0;
  for (const EngramToken t : tokens) h = h * kBase + static_cast<std::uint64_t>(t) + 2;
  return h;
}

struct Found {
  std::uint64_t occurrences = 0;
  std::unordered_map<EngramToken, std::uint64_t> next;
};

// Counts every occurrence of the drawn contexts of one length.
class Counter {
 public:
  Counter(std::span<const RecallSample> drawn, std::size_t length) : length_(length) {
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (drawn[i].context.size() != length) continue;
      const std::uint64_t h = hash_of(drawn[i].context);
      filter_[h >> 42] = true;
      contexts_.emplace(h, Entry{&drawn[i].context, {}});
    }
    for (std::size_t i = 0; i < length; ++i) power_ *= kBase;
  }

  bool empty() const { return contexts_.empty(); }

  void read(const ContentTokens& tokens) {
    std::uint64_t h = 0;
    std::size_t since_cut = 0;  // tokens since the last cut
    for (std::size_t p = 0; p < tokens.size(); ++p) {
      if (tokens[p] == kEngramCut) {
        since_cut = 0;
        h = 0;
        continue;
      }
      if (since_cut >= length_ && filter_[h >> 42]) count(tokens, p, h);
      h = h * kBase + static_cast<std::uint64_t>(tokens[p]) + 2;
      if (since_cut >= length_) {
        h -= (static_cast<std::uint64_t>(tokens[p - length_]) + 2) * power_;
      }
      ++since_cut;
    }
  }

  const Found& found(std::span<const EngramToken> context) const {
    return contexts_.at(hash_of(context)).found;
  }

 private:
  struct Entry {
    const std::vector<EngramToken>* context;
    Found found;
  };
  void count(const ContentTokens& tokens, std::size_t p, std::uint64_t h) {
    const auto at = contexts_.find(h);
    if (at == contexts_.end()) return;
    const auto before = std::span(tokens).subspan(p - length_, length_);
    if (!std::equal(before.begin(), before.end(), at->second.context->begin())) return;
    ++at->second.found.occurrences;
    ++at->second.found.next[tokens[p]];
  }

  std::size_t length_;
  std::uint64_t power_ = 1;
  std::vector<bool> filter_ = std::vector<bool>(kFilterBits);
  std::unordered_map<std::uint64_t, Entry> contexts_;
};

std::vector<RecallSample> draw(std::span<const ContentTokens> contents, std::size_t n,
                               std::mt19937_64& random) {
  std::vector<std::uint64_t> ends;  // so that every token is as likely
  for (const ContentTokens& c : contents)
    ends.push_back((ends.empty() ? 0 : ends.back()) + c.size());
  std::vector<RecallSample> out;
  if (ends.empty() || ends.back() == 0) return out;
  for (std::size_t tries = 0; out.size() < n && tries < 2 * n; ++tries) {
    const std::uint64_t at = random() % ends.back();
    const auto c =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
    const ContentTokens& tokens = contents[c];
    const auto p = static_cast<std::size_t>(at - (c == 0 ? 0 : ends[c - 1]));
    const std::size_t length = kShortest + random() % (kMaxEngramContext - kShortest + 1);
    if (p < length || tokens[p] == kEngramCut) continue;
    const auto context = std::span(tokens).subspan(p - length, length);
    if (std::find(context.begin(), context.end(), kEngramCut) != context.end()) continue;
    out.push_back({{context.begin(), context.end()}, tokens[p]});
  }
  return out;
}

}  // namespace

std::vector<RecallSample> sample_recall(std::span<const ContentTokens> contents, std::size_t wanted,
                                        std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<RecallSample> out;
  for (int round = 0; round < 5 && out.size() < wanted; ++round) {
    std::vector<RecallSample> drawn = draw(contents, 4 * wanted, random);
    for (std::size_t length = kShortest; length <= kMaxEngramContext; ++length) {
      Counter counter(drawn, length);
      if (counter.empty()) continue;
      for (const ContentTokens& c : contents) counter.read(c);
      for (RecallSample& sample : drawn) {
        if (sample.context.size() != length) continue;
        const Found& found = counter.found(sample.context);
        sample.occurrences = found.occurrences;
        sample.distinct = found.next.size();
        const auto same = found.next.find(sample.next);
        sample.same = same == found.next.end() ? 0 : same->second;
      }
    }
    for (RecallSample& sample : drawn) {
      if (sample.occurrences >= 2 && out.size() < wanted) out.push_back(std::move(sample));
    }
  }
  return out;
}

RecallScore score_recall(const EngramView& view, std::span<const RecallSample> samples) {
  RecallScore score;
  LookupAnswer answer;
  const auto wrong = [&](const char* what, const RecallSample& s) {
    if (!score.first_wrong.empty()) return;
    score.first_wrong = std::string(what) + " after '" + view.vocabulary().text(s.context) +
                        "', which occurs " + std::to_string(s.occurrences) + " times";
  };
  for (const RecallSample& s : samples) {
    ++score.samples;
    std::uint64_t all = 0, same = 0;
    view.for_each(s.context, [&](EngramPosition p) {
      const auto next = view.tokens_at(p, 1);
      ++all;
      if (!next.empty() && next[0] == s.next) ++same;
      return true;
    });
    const bool iterated = all == s.occurrences && same == s.same && same > 0;
    iterated ? void(++score.iterated) : wrong("not all occurrences", s);

    view.look_up(s.context, answer);
    const ContextMatch* match = nullptr;
    for (const ContextMatch& m : answer.matches()) {
      if (m.length == s.context.size()) match = &m;
    }
    const bool counted =
        match != nullptr &&
        (!match->exact || (match->occurrences == s.occurrences && match->distinct == s.distinct));
    counted ? void(++score.counted) : wrong("wrong counts", s);
    const bool ranked =
        match != nullptr && std::any_of(match->next.begin(), match->next.end(),
                                        [&](const NextToken& n) { return n.token == s.next; });
    const bool rare = s.occurrences <= ContextMatch::kMaxNext;
    ++(rare ? score.rare : score.often);
    if (ranked) ++(rare ? score.rare_ranked : score.often_ranked);
    if (rare && !ranked) wrong("not ranked", s);
  }
  return score;
}

}  // namespace engram
