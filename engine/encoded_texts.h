// engine/encoded_texts.h: texts encoded lately and where their tokens stand, so that a file is not
// encoded and looked through at each keystroke.
//
// Threads: confined to the engine thread.  Errors: none.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/token_history.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

class EncodedTexts {
 public:
  using Ids = std::shared_ptr<const std::vector<TokenId>>;
  // From memory when the same text was among the last kKept.
  Ids encode(const Tokenizer& tokenizer, std::string_view text);
  // history_of(texts), from memory when asked for these lately.
  std::shared_ptr<const TokenHistory> history(std::vector<Ids> texts);

 private:
  static constexpr std::size_t kKept = 16, kKeptHistories = 4;
  struct Entry {
    std::uint64_t hash;
    std::size_t bytes;
    Ids ids;
  };
  struct Histories {
    std::vector<Ids> texts;  // kept, so that another text never has the address of one of them
    std::shared_ptr<const TokenHistory> history;
  };
  std::vector<Entry> entries_;  // newest last
  std::vector<Histories> histories_;
};

}  // namespace engram
