// engine/tokenizer/vocabulary.h: the tokens of a byte-level BPE vocabulary and what each is.
//
// GGUF stores a token's bytes in GPT-2's printable alphabet (each byte is one character); here
// they are raw bytes. Private to engine/tokenizer.
//
// Threads: immutable after load.  Errors: kCorrupt, kInvalidArgument naming the key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "engine/gguf.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

enum class TokenType : std::uint8_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,  // literal text, matched before any splitting
  kUnused = 5,
  kByte = 6,
};

// GPT-2's alphabet: the code point that stands for each byte.
std::array<std::uint16_t, 256> byte_alphabet();

class Vocabulary {
 public:
  static Result<Vocabulary> load(const GgufFile& file);

  std::size_t size() const { return types_.size(); }
  bool contains(TokenId id) const { return id >= 0 && static_cast<std::size_t>(id) < size(); }
  TokenType type(TokenId id) const { return types_[static_cast<std::size_t>(id)]; }
  std::string_view bytes(TokenId id) const;  // empty unless the token stands for text
  TokenId byte_token(unsigned char byte) const { return byte_tokens_[byte]; }  // -1: none

  // Control and user-defined tokens by their exact name.
  std::optional<TokenId> special(std::string_view name) const;
  std::string_view special_name(TokenId id) const;
  std::vector<std::pair<std::string_view, TokenId>> user_defined() const;

 private:
  std::string arena_;                 // the bytes of all tokens
  std::vector<std::uint32_t> begin_;  // size() + 1 offsets into arena_
  std::vector<TokenType> types_;
  std::array<TokenId, 256> byte_tokens_{};
  std::vector<std::pair<std::string, TokenId>> specials_;  // by name
};

}  // namespace engram
