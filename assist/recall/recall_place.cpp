#include "assist/recall/recall_place.h"

#include <algorithm>

namespace engram {

std::vector<TokenId> RecallPlace::context(std::span<const TokenId> sequence,
                                          std::size_t most) const {
  const auto last = sequence.last(std::min(sequence.size(), most));
  const auto from = middle ? std::find(last.rbegin(), last.rend(), *middle) : last.rend();
  if (from == last.rend()) return {last.begin(), last.end()};
  std::vector<TokenId> tokens(
      before.end() - static_cast<std::ptrdiff_t>(std::min(before.size(), most)), before.end());
  tokens.insert(tokens.end(), from.base(), last.end());
  if (tokens.size() > most) {
    tokens.erase(tokens.begin(), tokens.end() - static_cast<std::ptrdiff_t>(most));
  }
  return tokens;
}

}  // namespace engram
