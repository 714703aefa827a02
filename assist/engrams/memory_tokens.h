// assist/engrams/memory_tokens.h: text as the engram memory keeps it: a tokenizer's ids, with what
// must not be remembered cut out.
//
// Random literals (indexer/scan/random_literals.h) become cuts. Minified text and large generated
// files are remembered only at their beginning: nobody writes what follows.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/tokens.h"

namespace engram {

std::shared_ptr<const EngramVocabulary> engram_vocabulary(const Tokenizer& tokenizer);

// How much of a text is remembered: whole lines, all of it for ordinary files.
inline constexpr std::size_t kCappedBytes = std::size_t{64} << 10;
std::string_view remembered_part(std::string_view text, std::uint32_t file_flags);

struct MemoryTokens {
  std::vector<EngramToken> tokens;
  std::size_t cuts = 0;
};
MemoryTokens memory_tokens(const Tokenizer& tokenizer, std::string_view text);

}  // namespace engram
