// engine/tokenizer/tokenizer.h: text to token ids and back, exactly as the model was trained.
//
// Byte-level BPE read from a GGUF's tokenizer.ggml.* keys. Ordinary text never yields a control
// token, whatever it contains: control tokens are asked for by name (special()).
//
// Threads: thread-safe.  Errors: kCorrupt / kInvalidArgument naming the key (unknown model or
// pre-tokenizer: names it and the supported ones).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/gguf.h"

namespace engram {

using TokenId = std::int32_t;

class Tokenizer {
 public:
  static Result<std::shared_ptr<const Tokenizer>> from_gguf(const GgufFile& file);
  virtual ~Tokenizer() = default;

  virtual std::size_t vocab_size() const = 0;
  virtual std::vector<TokenId> encode(std::string_view text) const = 0;  // any bytes
  virtual std::string decode(std::span<const TokenId> ids) const = 0;    // control tokens: nothing
  // The bytes one token stands for; empty for control tokens and ids out of range.
  virtual std::string_view bytes(TokenId id) const = 0;
  virtual bool is_control(TokenId id) const = 0;
  virtual bool is_end(TokenId id) const = 0;  // end of text, of turn, or any FIM/repository mark
  virtual std::optional<TokenId> special(std::string_view name) const = 0;  // "<|fim_prefix|>"
  virtual std::optional<TokenId> bos() const = 0;    // only when the model wants one added
  virtual std::string_view fingerprint() const = 0;  // names the vocabulary: same ids, same name
};

// Which fill-in-the-middle marks a vocabulary has; absent members mean the family lacks them.
struct FimTokens {
  std::optional<TokenId> prefix, suffix, middle, pad, repository, file;
  bool complete() const { return prefix && suffix && middle; }
};
FimTokens fim_tokens(const Tokenizer& tokenizer);

}  // namespace engram
