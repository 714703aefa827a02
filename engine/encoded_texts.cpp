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

std::shared_ptr<const TokenHistory> EncodedTexts::history(std::vector<Ids> texts) {
  if (texts.empty()) return nullptr;
  const auto known = std::find_if(histories_.begin(), histories_.end(),
                                  [&](const Histories& kept) { return kept.texts == texts; });
  if (known != histories_.end()) {
    std::rotate(known, known + 1, histories_.end());
    return histories_.back().history;
  }
  if (histories_.size() == kKeptHistories) histories_.erase(histories_.begin());
  auto history = history_of(texts);
  histories_.push_back({std::move(texts), history});
  return history;
}

}  // namespace engram
