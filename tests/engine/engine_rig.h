// tests/engine/engine_rig.h: a small vocabulary, an engine stepped by hand, and requests to it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/scripted_model.h"
#include "tests/support/stepped_engine.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {

inline std::shared_ptr<const Tokenizer> vocabulary() {
  static const auto tokenizer = tiny_tokenizer({.pre = "qwen2",
                                                .merges = {{" ", " "},
                                                           {"  ", " "},
                                                           {"  ", "  "},
                                                           {"r", "e"},
                                                           {"re", "t"},
                                                           {"u", "r"},
                                                           {"ur", "n"},
                                                           {"ret", "urn"},
                                                           {" ", "return"},
                                                           {"x", ";"},
                                                           {";", "\n"},
                                                           {")", "\n"},
                                                           {"\xE2", "\x82"},
                                                           {"x", "y"},
                                                           {"xy", "z"}},
                                                .control = {"<|endoftext|>", "<|fim_middle|>"},
                                                .user_defined = {}});
  return tokenizer;
}
inline TokenId end_token() { return *vocabulary()->special("<|endoftext|>"); }
inline std::size_t vocab() { return vocabulary()->vocab_size(); }

struct Bench : SteppedEngine {
  explicit Bench(ScriptedModel::Script script, std::size_t batch = 128, EngineOptions options = {})
      : SteppedEngine(vocabulary(), std::move(script), batch, options) {}
};

inline GenerationRequest ask(std::string prompt, std::size_t max_tokens = 16) {
  GenerationRequest request;
  request.prompt.push_back({PromptPart::Kind::kText, std::move(prompt)});
  request.max_tokens = max_tokens;
  return request;
}
inline GenerationRequest forced(std::string prompt, std::string typed, bool line = false) {
  GenerationRequest request = ask(std::move(prompt));
  request.forced_text = std::move(typed);
  request.stop_at_line_end = line;
  return request;
}
inline std::vector<TokenId> ids(const GenerationResult& result) {
  std::vector<TokenId> out;
  for (const GeneratedToken& token : result.tokens) out.push_back(token.id);
  return out;
}

}  // namespace engram
