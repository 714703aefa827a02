// tests/support/scripted_model.h: a Transformer whose logits a test writes down.
//
// Its KV cache really holds the tokens, and the logits are a function of all of them: whatever
// goes wrong with a cache changes what is generated.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/transformer.h"

namespace engram {

using Logits = std::vector<float>;

class ScriptedCache final : public KvCache {
 public:
  explicit ScriptedCache(std::size_t capacity) : capacity_(capacity) {}
  std::size_t size() const override { return tokens.size(); }
  std::size_t capacity() const override { return capacity_; }
  std::size_t bytes() const override { return capacity_ * 100; }
  void truncate(std::size_t n) override { tokens.resize(n); }
  std::vector<TokenId> tokens;

 private:
  std::size_t capacity_;
};

class ScriptedModel final : public Transformer {
 public:
  // Logits after a sequence of tokens.
  using Script = std::function<Logits(const std::vector<TokenId>&)>;
  struct Log {
    std::size_t tokens_computed = 0;
    std::size_t calls = 0;
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
  Result<std::unique_ptr<KvCache>> make_cache(std::size_t capacity) const override {
    return std::unique_ptr<KvCache>(std::make_unique<ScriptedCache>(capacity));
  }

  Result<void> forward(KvCache& cache, std::span<const TokenId> tokens, std::size_t n_logits,
                       std::span<float> logits, std::stop_token stop) override {
    auto& held = dynamic_cast<ScriptedCache&>(cache).tokens;
    ++log_->calls;
    if (log_->fail) {
      if (auto failed = log_->fail(); !failed) return failed;
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (log_->before_token) log_->before_token();
      if (stop.stop_requested()) return Error{Errc::kCancelled, "stopped"};
      held.push_back(tokens[i]);
      ++log_->tokens_computed;
      if (held.size() > cache.capacity()) throw std::logic_error("cache overflow");
      if (tokens.size() - i > n_logits) continue;
      const Logits row = script_(held);
      const std::size_t at = (i - (tokens.size() - n_logits)) * row.size();
      std::copy(row.begin(), row.end(), logits.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return {};
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
