// tests/support/scripted_model.h: a Transformer whose logits a test writes down.
//
// Its KV cache really holds the tokens, and the logits are a function of all of them: whatever
// goes wrong with a cache changes what is generated.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/transformer.h"

namespace engram {

using Logits = std::vector<float>;

// Pages that hold the tokens themselves.
class ScriptedMemory final : public KvMemory {
 public:
  explicit ScriptedMemory(std::size_t n_pages) : tokens(n_pages * kPageTokens, -1) {}
  std::size_t n_pages() const override { return tokens.size() / kPageTokens; }
  std::size_t page_bytes() const override { return kPageTokens * 100; }
  void copy(PageId from, PageId to, std::size_t n) override {
    std::copy_n(&at(from, 0), n, &at(to, 0));
    copied += n;
  }
  TokenId& at(PageId page, std::size_t i) { return tokens[page * kPageTokens + i]; }
  std::vector<TokenId> tokens;
  std::size_t copied = 0;
};

inline std::vector<TokenId> scripted_tokens(const KvCache& cache) {
  auto& memory = dynamic_cast<ScriptedMemory&>(cache.memory());
  std::vector<TokenId> out;
  for (std::size_t i = 0; i < cache.size(); ++i) {
    out.push_back(memory.at(cache.pages[i / kPageTokens], i % kPageTokens));
  }
  return out;
}
inline void scripted_append(KvCache& cache, TokenId token) {
  const std::size_t i = cache.size();
  if (i >= cache.capacity()) throw std::logic_error("cache overflow");
  dynamic_cast<ScriptedMemory&>(cache.memory()).at(cache.pages[i / kPageTokens], i % kPageTokens) =
      token;
  cache.set_size(i + 1);
}

class ScriptedModel final : public Transformer {
 public:
  // Logits after a sequence of tokens.
  using Script = std::function<Logits(const std::vector<TokenId>&)>;
  struct Log {
    std::size_t tokens_computed = 0;
    std::size_t calls = 0;               // forward passes
    std::size_t most_segments = 0;       // of one pass
    std::function<void()> before_token;  // may cancel, submit, move a clock
    std::function<Result<void>()> fail;  // an error to return instead of working
  };

  ScriptedModel(std::size_t vocab_size, Script script, std::shared_ptr<Log> log)
      : script_(std::move(script)), log_(std::move(log)) {
    config_.architecture = "scripted";
    config_.vocab_size = static_cast<std::uint32_t>(vocab_size);
    config_.context_length = 4096;
  }

  const ModelConfig& config() const override { return config_; }
  std::string_view kernels() const override { return "script"; }
  unsigned threads() const override { return 1; }
  std::size_t weight_bytes() const override { return 1; }
  std::size_t kv_page_bytes() const override { return kPageTokens * 100; }
  Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) const override {
    return std::shared_ptr<KvMemory>(std::make_shared<ScriptedMemory>(n_pages));
  }

  // A token at a time, so that a stop in the middle leaves those before it.
  using Transformer::forward;
  Result<void> forward(std::span<const Segment> segments, std::span<float> logits,
                       std::stop_token stop) override {
    ++log_->calls;
    log_->most_segments = std::max(log_->most_segments, segments.size());
    if (log_->fail) {
      if (auto failed = log_->fail(); !failed) return failed;
    }
    auto out = logits.begin();
    for (const Segment& segment : segments) {
      const Segment& trunk = segments[segment.trunk];
      for (std::size_t i = 0; i < segment.n_shared; ++i) {
        scripted_append(*segment.cache, trunk.tokens[i]);
      }
      for (std::size_t i = 0; i < segment.tokens.size(); ++i) {
        if (log_->before_token) log_->before_token();
        if (stop.stop_requested()) return Error{Errc::kCancelled, "stopped"};
        scripted_append(*segment.cache, segment.tokens[i]);
        ++log_->tokens_computed;
        if (segment.tokens.size() - i > segment.n_logits) continue;
        const Logits row = script_(scripted_tokens(*segment.cache));
        out = std::copy(row.begin(), row.end(), out);
      }
    }
    return {};
  }
  Result<void> decode_greedily(KvCache&, TokenId, std::span<TokenId>, std::stop_token) override {
    return Error{Errc::kInvalidArgument, "a scripted model cannot"};
  }

 private:
  ModelConfig config_;
  Script script_;
  std::shared_ptr<Log> log_;
};

// Pseudo-random logits that depend on every token of the sequence. The last two ids, where the
// vocabularies of tests have their control tokens, never come.
inline ScriptedModel::Script babble(std::size_t vocab_size) {
  return [vocab_size](const std::vector<TokenId>& sequence) {
    std::uint64_t state = 1;
    for (const TokenId id : sequence) {
      state = (state ^ static_cast<std::uint64_t>(id)) * 0x9E3779B97F4A7C15ULL + 1;
    }
    Logits logits(vocab_size);
    for (float& logit : logits) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      logit = static_cast<float>(state >> 40) / static_cast<float>(1 << 21);
    }
    logits[vocab_size - 1] = logits[vocab_size - 2] = -100;
    return logits;
  };
}

// A model that knows one document and continues it, however what it has seen was cut into
// tokens. It prefers the token the tokenizer itself would use next; at the end, `end`.
inline ScriptedModel::Script recite(std::shared_ptr<const Tokenizer> tokenizer,
                                    const std::string& document, TokenId end) {
  return [=](const std::vector<TokenId>& sequence) {
    const std::string seen = tokenizer->decode(sequence);
    Logits logits(tokenizer->vocab_size(), 0.0F);
    if (!document.starts_with(seen) || seen.size() == document.size()) {
      logits[static_cast<std::size_t>(end)] = 20;
      return logits;
    }
    const std::string_view rest = std::string_view(document).substr(seen.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const std::string_view bytes = tokenizer->bytes(static_cast<TokenId>(i));
      if (!bytes.empty() && rest.starts_with(bytes)) logits[i] = 8;
    }
    std::string whole;
    for (const TokenId id : tokenizer->encode(document)) {
      if (whole.size() == seen.size()) logits[static_cast<std::size_t>(id)] = 12;
      whole += tokenizer->bytes(id);
    }
    return logits;
  };
}

}  // namespace engram
