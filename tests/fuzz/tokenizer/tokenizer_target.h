// tests/fuzz/tokenizer/tokenizer_target.h: any bytes encode, decode back, and cut anywhere.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/normalization.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {

inline std::vector<std::shared_ptr<const Tokenizer>> fuzzed_tokenizers() {
  std::vector<std::shared_ptr<const Tokenizer>> out;
  for (const char* pre : {"gpt-2", "smollm", "qwen2", "llama-bpe", "seed-coder", "deepseek-llm",
                          "deepseek-coder", "deepseek-v3", "default"}) {
    out.push_back(tiny_tokenizer({.pre = pre,
                                  .merges = {{" ", " "},
                                             {"  ", "  "},
                                             {"i", "n"},
                                             {"in", "t"},
                                             {"\n", "\n"},
                                             {"e", "r"},
                                             {" ", "int"},
                                             {"'", "s"},
                                             {"\xC3", "\xA9"},
                                             {")", ";"},
                                             {");", "\n"}},
                                  .control = {"<|endoftext|>", "<|fim_prefix|>"},
                                  .user_defined = {"<tool_call>", "<tool"}}));
  }
  return out;
}

// Throws when decode(encode(text)) is not the text, or an id is not one of plain text.
inline void check_round_trip(const Tokenizer& tokenizer, std::string_view text) {
  const auto ids = tokenizer.encode(text);
  std::string back;
  for (const TokenId id : ids) {
    if (tokenizer.is_control(id)) throw std::logic_error("a control token from text");
    if (tokenizer.bytes(id).empty()) throw std::logic_error("a token without bytes");
    back += tokenizer.bytes(id);
  }
  // Qwen's tokenizer normalises: what comes back is then canonically equivalent.
  std::string ours, theirs;
  const bool same = tokenizer.fingerprint().starts_with("qwen2")
                        ? to_nfc(back, ours) == to_nfc(text, theirs)
                        : back == text;
  if (!same) throw std::logic_error("the text did not survive");
  if (tokenizer.decode(ids) != back) throw std::logic_error("decode differs from bytes");
  if (tokenizer.encode(text) != ids) throw std::logic_error("the second time is different");
}

}  // namespace engram
