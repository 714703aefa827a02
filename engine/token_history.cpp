#include "engine/token_history.h"

#include <algorithm>

namespace engram {

namespace {

std::size_t slot_of(std::uint64_t key) { return (key * 0x9E3779B97F4A7C15ULL) >> 49U; }

std::uint64_t key_of_three(std::span<const TokenId> end) {
  std::uint64_t key = 0;
  for (const TokenId token : end.last(std::min<std::size_t>(end.size(), 3))) {
    key = key * 0x100000001B3ULL + static_cast<std::uint32_t>(token) + 1;
  }
  return key;
}

std::uint64_t key_of_one(std::span<const TokenId> end) {
  return static_cast<std::uint32_t>(end.back());
}

// How many tokens before the two ends are equal.
std::size_t matched_before(std::span<const TokenId> a, std::span<const TokenId> b) {
  const std::size_t most = std::min({TokenHistory::kLongest, a.size(), b.size()});
  std::size_t n = 0;
  while (n < most && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

}  // namespace

void TokenHistory::Chain::append(std::uint64_t key) {
  const std::size_t slot = slot_of(key);
  before.push_back(newest[slot]);
  newest[slot] = static_cast<std::uint32_t>(before.size());
}

std::size_t TokenHistory::Chain::newest_of(std::uint64_t key) const { return newest[slot_of(key)]; }

void TokenHistory::append(TokenId token) {
  tokens_.push_back(token);
  three_.append(key_of_three(tokens_));
  one_.append(key_of_one(tokens_));
}

std::vector<TokenHistory::Place> TokenHistory::places() const {
  if (tokens_.empty()) return {};
  return follow(tokens_, three_.before.back(), one_.before.back());
}

std::vector<TokenHistory::Place> TokenHistory::places_of(std::span<const TokenId> sequence) const {
  if (sequence.empty()) return {};
  return follow(sequence, three_.newest_of(key_of_three(sequence)),
                one_.newest_of(key_of_one(sequence)));
}

// Down both chains, from these positions.
std::vector<TokenHistory::Place> TokenHistory::follow(std::span<const TokenId> end,
                                                      std::size_t three, std::size_t one) const {
  std::vector<Place> found;
  const auto all = std::span<const TokenId>(tokens_);
  const auto take = [&](const Chain& chain, std::size_t from, std::size_t least, std::size_t most) {
    std::size_t left = kMostPlaces;
    for (std::size_t p = from; p != 0 && left-- > 0; p = chain.before[p - 1]) {
      const std::size_t matched = matched_before(all.first(p), end);  // less: another key
      const bool goes_on = p < tokens_.size() && tokens_[p] >= 0;
      if (matched >= least && matched <= most && goes_on) found.push_back({p, matched});
    }
  };
  take(three_, three, 3, kLongest);
  take(one_, one, 1, 2);
  std::sort(found.begin(), found.end(), [](const Place& a, const Place& b) {
    return a.matched != b.matched ? a.matched > b.matched : a.next > b.next;
  });
  return found;
}

std::vector<TokenId> TokenHistory::continuation(const Place& place, std::size_t most) const {
  std::vector<TokenId> out;
  const std::size_t period = tokens_.size() - place.next;
  for (std::size_t i = 0; i < most; ++i) {
    const TokenId token = i < period ? tokens_[place.next + i] : out[i - period];
    if (token < 0) break;
    out.push_back(token);
  }
  return out;
}

std::shared_ptr<const TokenHistory> history_of(
    std::span<const std::shared_ptr<const std::vector<TokenId>>> texts) {
  auto history = std::make_shared<TokenHistory>();
  for (const auto& text : texts) {
    for (const TokenId token : *text) history->append(token);
    history->append_separator();
  }
  return history;
}

}  // namespace engram
