// engine/encoded_texts.h: texts encoded lately, so that a file is not encoded at each keystroke.
//
// Threads: confined to the engine thread.  Errors: none.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

class EncodedTexts {
 public:
  using Ids = std::shared_ptr<const std::vector<TokenId>>;
  // From memory when the same text was among the last kKept.
  Ids encode(const Tokenizer& tokenizer, std::string_view text);

 private:
  static constexpr std::size_t kKept = 16;
  struct Entry {
    std::uint64_t hash;
    std::size_t bytes;
    Ids ids;
  };
  std::vector<Entry> entries_;  // newest last
};

}  // namespace engram
