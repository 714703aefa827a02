#include "engine/token_history.h"

#include <algorithm>

namespace engram {

void TokenHistory::Chain::append(std::uint64_t key) {
  const std::size_t slot = (key * 0x9E3779B97F4A7C15ULL) >> 49U;
  before.push_back(newest[slot]);
  newest[slot] = static_cast<std::uint32_t>(before.size());
}

void TokenHistory::append(TokenId token) {
  tokens_.push_back(token);
  std::uint64_t key = 0;
  const std::size_t n = tokens_.size();
  for (std::size_t i = n - std::min<std::size_t>(n, 3); i < n; ++i) {
    key = key * 0x100000001B3ULL + static_cast<std::uint32_t>(tokens_[i]) + 1;
  }
  three_.append(key);
  one_.append(static_cast<std::uint32_t>(token));
}

std::size_t TokenHistory::matched_before(std::size_t place) const {
  const std::size_t end = tokens_.size();
  std::size_t n = 0;
  while (n < kLongest && n < place && tokens_[place - 1 - n] == tokens_[end - 1 - n]) ++n;
  return n;
}

std::vector<TokenHistory::Place> TokenHistory::places() const {
  std::vector<Place> found;
  if (tokens_.empty()) return found;
  const auto follow = [&](const Chain& chain, std::size_t least, std::size_t most) {
    std::size_t left = kMostPlaces;
    for (std::size_t p = chain.before.back(); p != 0 && left-- > 0; p = chain.before[p - 1]) {
      const std::size_t matched = matched_before(p);  // less than its key's: another key
      if (matched >= least && matched <= most && tokens_[p] >= 0) found.push_back({p, matched});
    }
  };
  follow(three_, 3, kLongest);
  follow(one_, 1, 2);
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

}  // namespace engram
