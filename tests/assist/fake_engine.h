// tests/assist/fake_engine.h: an Engine that says what the test tells it to. Not a model.
//
// Its tokens are words, runs of spaces and single characters, and it counts reused prompt tokens by
// longest common prefix with earlier requests, as the real one does.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "assist/completion/line_view.h"
#include "engine/engine.h"
#include "memory/sub_words.h"

namespace engram {

class FakeTokenizer final : public Tokenizer {
 public:
  explicit FakeTokenizer(std::vector<std::string> control, bool joins_newline = false)
      : control_(std::move(control)), joins_newline_(joins_newline) {}

  std::size_t vocab_size() const override { return 1 << 20; }
  std::vector<TokenId> encode(std::string_view text) const override {
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t end = i + 1;
      if (is_identifier_byte(text[i])) {
        while (end < text.size() && is_identifier_byte(text[end])) ++end;
      } else if (text[i] == ' ' || (joins_newline_ && text[i] == '\n')) {
        while (end < text.size() && text[end] == ' ') ++end;
      }
      ids.push_back(intern(text.substr(i, end - i)));
      i = end;
    }
    return ids;
  }
  std::string decode(std::span<const TokenId> ids) const override {
    std::string text;
    for (const TokenId id : ids) text += bytes(id);
    return text;
  }
  std::string_view bytes(TokenId id) const override {
    const std::lock_guard lock(mutex_);
    const auto i = static_cast<std::size_t>(id) - control_.size();
    return is_control(id) || i >= words_.size() ? std::string_view() : words_[i];
  }
  bool is_control(TokenId id) const override {
    return id >= 0 && static_cast<std::size_t>(id) < control_.size();
  }
  bool is_end(TokenId id) const override { return is_control(id); }
  std::optional<TokenId> special(std::string_view name) const override {
    for (std::size_t i = 0; i < control_.size(); ++i) {
      if (control_[i] == name) return static_cast<TokenId>(i);
    }
    return std::nullopt;
  }
  std::optional<TokenId> bos() const override { return std::nullopt; }
  std::string_view fingerprint() const override { return "fake"; }

 private:
  TokenId intern(std::string_view word) const {
    const std::lock_guard lock(mutex_);
    const auto [it, fresh] = ids_.try_emplace(std::string(word), words_.size());
    if (fresh) words_.push_back(it->first);
    return static_cast<TokenId>(control_.size() + it->second);
  }

  std::vector<std::string> control_;
  bool joins_newline_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::size_t, std::less<>> ids_;
  mutable std::vector<std::string> words_;
};

inline std::vector<std::string> qwen_marks() {
  return {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"};
}
inline std::vector<std::string> smollm_marks() { return {"<repo_name>", "<file_sep>"}; }

class FakeEngine final : public Engine {
 public:
  using Script = std::function<std::string(const GenerationRequest&)>;

  explicit FakeEngine(std::vector<std::string> marks = qwen_marks(), Script script = {})
      : tokenizer_(std::make_shared<const FakeTokenizer>(std::move(marks))),
        script_(std::move(script)) {
    config_.name = "fake";
    config_.n_layers = 2, config_.d_model = 64, config_.n_heads = 2, config_.n_kv_heads = 2;
    config_.head_dim = 32, config_.d_ff = 128, config_.vocab_size = 1000;
  }
  ~FakeEngine() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    threads_.clear();  // joins
  }

  RequestId submit(GenerationRequest request,
                   std::function<void(const GenerationEvent&)> on_event) override {
    const std::lock_guard lock(mutex_);
    const RequestId id = ++last_id_;
    requests_.push_back(request);
    threads_.emplace_back([this, id, request = std::move(request), on_event = std::move(on_event)] {
      run(id, request, on_event);
    });
    return id;
  }
  void cancel(RequestId id) override {
    {
      const std::lock_guard lock(mutex_);
      cancelled_.push_back(id);
    }
    changed_.notify_all();
  }
  const ModelConfig& config() const override { return config_; }
  std::shared_ptr<const Tokenizer> shared_tokenizer() const override { return tokenizer_; }
  std::string_view kernels() const override { return "fake"; }
  std::uint64_t memory_bytes() const override { return 0; }

  // What the test sets and sees.
  float log_probability = -0.05F;
  double prefill_ms_per_token = 0.01;
  StopReason ending = StopReason::kEndOfText;
  std::string error;
  bool hangs = false;  // says nothing until cancelled
  std::function<std::vector<Alternative>(const GenerationResult&)> alternatives;
  std::vector<GenerationRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  GenerationRequest last() const { return requests().back(); }

 private:
  bool is_cancelled(RequestId id) const {
    return closing_ || std::find(cancelled_.begin(), cancelled_.end(), id) != cancelled_.end();
  }
  std::vector<TokenId> ids_of(const GenerationRequest& request) const {
    std::vector<TokenId> ids;
    for (const auto& part : request.prompt) {
      if (part.kind == PromptPart::Kind::kSpecial) {
        ids.push_back(tokenizer_->special(part.value).value_or(-1));
      } else {
        const auto more = tokenizer_->encode(part.value);
        ids.insert(ids.end(), more.begin(), more.end());
      }
    }
    const auto forced = tokenizer_->encode(request.forced_text);
    ids.insert(ids.end(), forced.begin(), forced.end());
    return ids;
  }
  void run(RequestId id, const GenerationRequest& request,
           const std::function<void(const GenerationEvent&)>& on_event) {
    GenerationResult result;
    const auto ids = ids_of(request);
    result.prompt_tokens = ids.size();
    {
      std::unique_lock lock(mutex_);
      for (const auto& known : cache_) {
        const auto end = std::mismatch(ids.begin(), ids.end(), known.begin(), known.end()).first;
        result.reused_tokens =
            std::max(result.reused_tokens, static_cast<std::size_t>(end - ids.begin()));
      }
      cache_.push_back(ids);
      if (hangs) changed_.wait(lock, [&] { return is_cancelled(id); });
    }
    result.prefill_ms =
        prefill_ms_per_token * static_cast<double>(result.prompt_tokens - result.reused_tokens);
    result.stop_reason = error.empty() ? ending : StopReason::kError;
    result.error = error;
    write(id, request, on_event, result);
    for (const GeneratedToken& token : result.tokens) {
      result.log_probability += static_cast<double>(token.log_probability);
    }
    if (alternatives && request.alternatives > 0) result.alternatives = alternatives(result);
    on_event({{}, &result});
  }
  void write(RequestId id, const GenerationRequest& request,
             const std::function<void(const GenerationEvent&)>& on_event,
             GenerationResult& result) {
    const std::string all = script_ && error.empty() ? script_(request) : std::string();
    for (const TokenId token : tokenizer_->encode(all)) {
      {
        const std::lock_guard lock(mutex_);
        if (is_cancelled(id)) {
          result.stop_reason = StopReason::kCancelled;
          return;
        }
      }
      if (result.tokens.size() == request.max_tokens) {
        result.stop_reason = StopReason::kMaxTokens;
        return;
      }
      std::string_view piece = tokenizer_->bytes(token);
      const auto newline = piece.find('\n');
      const bool ends = request.stop_at_line_end && newline != std::string_view::npos;
      if (ends) piece = piece.substr(0, newline);
      const auto begin = static_cast<std::uint32_t>(result.text.size());
      result.text += piece;
      result.tokens.push_back(
          {token, begin, static_cast<std::uint32_t>(result.text.size()), log_probability});
      on_event({piece, nullptr});
      if (ends) {
        result.stop_reason = StopReason::kLineEnd;
        return;
      }
    }
    const std::lock_guard lock(mutex_);
    if (is_cancelled(id)) result.stop_reason = StopReason::kCancelled;
  }

  const std::shared_ptr<const FakeTokenizer> tokenizer_;
  ModelConfig config_;
  Script script_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  RequestId last_id_ = 0;
  bool closing_ = false;
  std::vector<RequestId> cancelled_;
  std::vector<GenerationRequest> requests_;
  std::vector<std::vector<TokenId>> cache_;
  std::vector<std::jthread> threads_;
};

inline std::string prompt_text(const GenerationRequest& request) {
  std::string all;
  for (const auto& part : request.prompt) all += part.value;
  return all;
}

}  // namespace engram
