// tests/support/tiny_tokenizer.h: a small byte-level BPE vocabulary, as a GGUF made in memory.
//
// Ids: 0..255 the bytes, then one for each merge in order, then the special tokens.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/support/gguf_builder.h"

namespace engram {

struct TinyVocabulary {
  std::string pre = "qwen2";
  std::vector<std::pair<std::string, std::string>> merges;  // raw bytes
  std::vector<std::string> control = {"<|endoftext|>"};
  std::vector<std::string> user_defined;
};

// One byte as GGUF vocabularies spell it (GPT-2's printable alphabet, UTF-8).
inline std::string spelled_byte(unsigned char byte) {
  const auto printable = [](unsigned b) {
    return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
  };
  unsigned code_point = byte;
  if (!printable(byte)) {
    code_point = 256;
    for (unsigned b = 0; b < byte; ++b) code_point += printable(b) ? 0 : 1;
  }
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xC0 | (code_point >> 6)), static_cast<char>(0x80 | (code_point & 63))};
}
inline std::string spelled(std::string_view raw) {
  std::string out;
  for (const char c : raw) out += spelled_byte(static_cast<unsigned char>(c));
  return out;
}

inline void add_tokenizer(GgufBuilder& gguf, const TinyVocabulary& vocabulary) {
  std::vector<std::string> tokens, merges;
  for (int b = 0; b < 256; ++b) tokens.push_back(spelled_byte(static_cast<unsigned char>(b)));
  for (const auto& [left, right] : vocabulary.merges) {
    tokens.push_back(spelled(left + right));
    merges.push_back(spelled(left) + " " + spelled(right));
  }
  std::vector<std::int32_t> types(tokens.size(), 1);
  for (const std::string& name : vocabulary.control) {
    tokens.push_back(name);
    types.push_back(3);
  }
  for (const std::string& name : vocabulary.user_defined) {
    tokens.push_back(name);
    types.push_back(4);
  }
  gguf.key("tokenizer.ggml.model", "gpt2");
  gguf.key("tokenizer.ggml.pre", std::string_view(vocabulary.pre));
  gguf.key("tokenizer.ggml.tokens", tokens);
  gguf.key("tokenizer.ggml.token_type", types);
  gguf.key("tokenizer.ggml.merges", merges);
}

inline Result<std::shared_ptr<const Tokenizer>> tokenizer_from(const GgufBuilder& gguf) {
  const std::string bytes = gguf.bytes();
  const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  if (!file) return file.error();
  return Tokenizer::from_gguf(**file);
}

inline std::shared_ptr<const Tokenizer> tiny_tokenizer(const TinyVocabulary& vocabulary) {
  GgufBuilder gguf;
  add_tokenizer(gguf, vocabulary);
  auto tokenizer = tokenizer_from(gguf);
  if (!tokenizer) throw std::runtime_error(tokenizer.error().message);
  return *tokenizer;
}

}  // namespace engram
