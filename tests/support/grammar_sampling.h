// tests/support/grammar_sampling.h: texts drawn from a grammar by a model that knows nothing.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/grammar/token_constraint.h"
#include "engine/sampler.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {

// Tokens of several bytes that cross what a grammar tells apart.
inline std::shared_ptr<const TokenIndex> grammar_tokens() {
  return std::make_shared<TokenIndex>(tiny_tokenizer({.pre = "gpt-2",
                                                      .merges = {{"\"", ":"},
                                                                 {"\"", ","},
                                                                 {"{", "\""},
                                                                 {"\"", "}"},
                                                                 {"1", "2"},
                                                                 {"12", "3"},
                                                                 {",", " "},
                                                                 {"t", "r"},
                                                                 {"tr", "u"},
                                                                 {"tru", "e"},
                                                                 {"\xC3", "\xA9"},
                                                                 {"a", "\""},
                                                                 {"\",", "\""},
                                                                 {"]", "}"},
                                                                 {" ", " "},
                                                                 {"\n", "  "},
                                                                 {"\xF0", "\x9F"}},
                                                      .control = {"<|end|>"},
                                                      .user_defined = {}}));
}

// Ends of text are chosen as soon as they are allowed, one time in two; else bytes that close come
// three times as often, so that texts end.
inline std::string sample_text(TokenConstraint& constraint, std::shared_ptr<const TokenIndex> index,
                               std::uint64_t seed, std::size_t most_tokens = 4000) {
  std::mt19937_64 random(seed);
  Sampler sampler(index, {.temperature = 1, .seed = seed});
  const Tokenizer& tokenizer = index->tokenizer();
  std::string text;
  auto state = constraint.start();
  std::vector<float> logits(tokenizer.vocab_size());
  for (std::size_t n = 0; n < most_tokens && !constraint.is_final(state); ++n) {
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const std::string_view bytes = tokenizer.bytes(static_cast<TokenId>(i));
      const bool closes = bytes.find_first_of("\"]}") != std::string_view::npos;
      logits[i] = bytes.empty() ? 5.0F : (closes ? 3.0F : 0.0F);
      logits[i] += static_cast<float>(random() % 1000) / 500.0F;
    }
    const auto token = sampler.sample(logits, {}, {}, {&constraint, state});
    if (!token) return "error: " + token.error().message;
    if (tokenizer.is_end(token->id)) break;
    text += tokenizer.bytes(token->id);
    state = constraint.next(state, tokenizer.bytes(token->id));
  }
  return constraint.accepts(state) ? text : "unfinished: " + text;
}

}  // namespace engram
