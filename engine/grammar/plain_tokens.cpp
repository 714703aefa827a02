#include "engine/grammar/plain_tokens.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace engram {

std::size_t plain_character(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first < 0x20 || first == '"' || first == '\\' ? 0 : 1;
  const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return size <= text.size() && is_valid_utf8(text.substr(0, size)) ? size : 0;
}

PlainTokens::PlainTokens(const TokenIndex& index) {
  const Tokenizer& tokenizer = index.tokenizer();
  up_to_.assign(kMostCharacters + 1, TokenMask(tokenizer.vocab_size()));
  std::string_view before;
  for (const TokenId id : index.in_byte_order()) {
    const std::string_view bytes = tokenizer.bytes(id);
    const auto differs = std::mismatch(before.begin(), before.end(), bytes.begin(), bytes.end());
    shared_.push_back(static_cast<std::uint16_t>(
        std::min<std::ptrdiff_t>(differs.first - before.begin(), UINT16_MAX)));
    before = bytes;
    Mixed token{id, 0, 0};
    while (token.characters < kMostCharacters) {
      const std::size_t size = plain_character(bytes.substr(token.bytes));
      if (size == 0) break;
      ++token.characters;
      token.bytes = static_cast<std::uint16_t>(token.bytes + size);
    }
    if (token.bytes < bytes.size()) {
      mixed_.push_back(token);
      continue;
    }
    for (std::size_t n = token.characters; n <= kMostCharacters; ++n) up_to_[n].allow(id);
  }
}

}  // namespace engram
