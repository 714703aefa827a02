#include "engine/encoded_texts.h"

#include <algorithm>

#include "core/hash.h"

namespace engram {

EncodedTexts::Ids EncodedTexts::encode(const Tokenizer& tokenizer, std::string_view text) {
  const std::uint64_t hash = xxh3(text);
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.hash == hash && entry.bytes == text.size();
  });
  if (known != entries_.end()) {
    std::rotate(known, known + 1, entries_.end());
    return entries_.back().ids;
  }
  if (entries_.size() == kKept) entries_.erase(entries_.begin());
  entries_.push_back(
      {hash, text.size(), std::make_shared<const std::vector<TokenId>>(tokenizer.encode(text))});
  return entries_.back().ids;
}

}  // namespace engram
