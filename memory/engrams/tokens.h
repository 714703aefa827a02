// memory/engrams/tokens.h: tokens as the engram memory sees them, and the bytes they stand for.
//
// The memory knows no tokenizer: ids come from the caller, who names the tokenizer by fingerprint
// and says once what bytes each id stands for. The text of a content is the bytes of its ids, so
// text needs no room of its own; where a tokenizer does not give back exactly what it read (Qwen
// normalises, SmolLM2 drops 21 bytes), the memory has the text as the model would write it.
//
// Threads: immutable once made, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

using EngramToken = std::int32_t;  // an id of one tokenizer, never negative

// Stands for bytes that must not be remembered: no context reaches across it, nothing follows it.
inline constexpr EngramToken kEngramCut = -1;

// The longest context that is told apart, in tokens.
inline constexpr std::size_t kMaxEngramContext = 16;

class EngramVocabulary {
 public:
  EngramVocabulary() = default;
  // `bytes_of[id]` is empty for ids that stand for no text.
  EngramVocabulary(std::string fingerprint, std::span<const std::string_view> bytes_of);

  std::size_t size() const { return ends_.size(); }
  std::string_view fingerprint() const { return fingerprint_; }
  std::string_view bytes(EngramToken id) const;  // empty for an id out of range or the cut
  std::string text(std::span<const EngramToken> ids) const;
  std::uint32_t newlines(EngramToken id) const;

 private:
  std::string fingerprint_;
  std::string bytes_;                // of all ids, in order
  std::vector<std::uint32_t> ends_;  // where the bytes of each id end
};

}  // namespace engram
