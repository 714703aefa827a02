// engine/tokenizer/tokenizer.h: text to token ids and back, exactly as the model was trained.
//
// Byte-level BPE read from a GGUF's tokenizer.ggml.* keys; ids equal those of Hugging Face
// `tokenizers` on the same vocabulary. decode(encode(x)) == x, but for Qwen x in normalisation form
// C: "e" and a combining acute come back as one character, as its own tokenizer has it.
// Ordinary text never yields a control token, whatever it contains: control tokens are asked for
// by name (special()). A user-defined token (Qwen's "<tool_call>") is found in text, as there.
// Bytes that are not UTF-8 count one by one as a character that is neither letter, number nor
// space. A byte for which the vocabulary has no token at all (SmolLM2 lacks 21, such as 0x04 and
// 0xF1) is passed over, as there: only then is decode(encode(x)) shorter than x.
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

// Which fill-in-the-middle marks a vocabulary has; absent members mean the family lacks them.
struct FimTokens {
  std::optional<TokenId> prefix, suffix, middle, pad, repository, file;
  bool complete() const { return prefix && suffix && middle; }
};

class Tokenizer {
 public:
  static Result<std::shared_ptr<const Tokenizer>> from_gguf(const GgufFile& file);
  virtual ~Tokenizer() = default;

  virtual std::size_t vocab_size() const = 0;
  virtual std::vector<TokenId> encode(std::string_view text) const = 0;  // any bytes
  virtual std::string decode(std::span<const TokenId> ids) const = 0;    // control tokens: nothing
  // The bytes one token stands for; empty for control tokens and ids out of range.
  virtual std::string_view bytes(TokenId id) const = 0;
  virtual bool is_control(TokenId id) const = 0;  // also unused ids: they stand for no text
  // Generation ends here: end of text or of turn, and every other control token (FIM, repository
  // and file marks); for Qwen each id from <|endoftext|> (151643) on.
  virtual bool is_end(TokenId id) const = 0;
  virtual std::optional<TokenId> special(std::string_view name) const = 0;  // "<|fim_prefix|>"
  virtual std::string_view special_name(TokenId) const { return {}; }  // the inverse; may be empty
  virtual std::optional<TokenId> bos() const = 0;  // only when the model wants one added
  // Texts of a prompt begin with a space that is not theirs (SentencePiece's); encode() does not
  // add it, engine/prompt_encoding.h does.
  virtual bool space_prefix() const { return false; }
  virtual std::string_view fingerprint() const = 0;  // names the vocabulary: same ids, same name
  virtual FimTokens declared_fim() const { return {}; }  // by the file's own keys; see fim_tokens
};

// What the file declares, else found by the families' names for them ("<|fim_prefix|>", ...).
FimTokens fim_tokens(const Tokenizer& tokenizer);

}  // namespace engram
