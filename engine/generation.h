// engine/generation.h: one request on its way from prompt to result, a step at a time.
//
// A step is one batch of prefill or one decoded token, so that the engine can turn to a more
// urgent request in between. All that is needed to go on is the token sequence: should another
// request take the KV cache meanwhile, what is missing is computed again.
//
// Forced text and the text part just before it are encoded together, as the model saw such text
// in training. Its last token, and white space before it if that too is white space, is taken
// back and spelled again under the constraint of its bytes (token healing, engine/sampler.h).
//
// Threads: confined to the engine thread, but for cancel() and the const members that say so.
// Errors: reported in the final event.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/kv_pool.h"
#include "engine/sampler.h"
#include "engine/text_stream.h"
#include "engine/token_index.h"
#include "engine/transformer.h"

namespace engram {

using Clock = std::chrono::steady_clock;

// What the requests of one engine share.
struct GenerationContext {
  Transformer& model;
  KvPool& pool;
  std::shared_ptr<const TokenIndex> index;
  std::size_t context_tokens = 0;
  std::size_t prefill_batch = 0;
  std::function<Clock::time_point()> now;
  std::function<bool()> damaged;  // the model's file can no longer be trusted
};

class Generation {
 public:
  using OnEvent = std::function<void(const GenerationEvent&)>;
  Generation(RequestId id, GenerationRequest request, OnEvent on_event,
             Clock::time_point submitted);

  // Fixed at construction; thread-safe.
  RequestId id() const { return id_; }
  Priority priority() const { return request_.priority; }
  std::optional<Clock::time_point> deadline() const { return deadline_; }

  void cancel() { cancelled_.store(true); }  // thread-safe
  bool cancelled() const { return cancelled_.load(); }

  // Does nothing more than its share; after it, finished() may hold. A step that `stop` ended
  // keeps what was computed and can be taken again.
  void step(GenerationContext& context, std::stop_token stop);
  void finish(StopReason reason, std::string error = {});  // sends the final event
  void account_waiting(Clock::time_point now);  // since the last step, or submit: queue_ms
  bool finished() const { return finished_; }

 private:
  Result<void> prepare(const GenerationContext& context);
  Result<void> encode_prompt(const Tokenizer& tokenizer);
  void take_back(const Tokenizer& tokenizer, std::size_t n_text_tokens);
  void compute(GenerationContext& context, std::stop_token stop);
  void take_token(const GenerationContext& context);
  void account_time(const GenerationContext& context);
  void add_text(const SampledToken& token, std::string_view bytes);
  void emit(const GenerationEvent& event);
  void clip_tokens();

  const RequestId id_;
  const GenerationRequest request_;
  OnEvent on_event_;
  const Clock::time_point submitted_;
  std::optional<Clock::time_point> deadline_;
  std::atomic<bool> cancelled_ = false;
  Clock::time_point mark_;  // up to here, time is in the result

  bool prepared_ = false;
  bool finished_ = false;
  bool began_ = false;     // a KV cache has been looked for
  bool decoding_ = false;  // the first logits have been seen
  std::vector<TokenId> sequence_;
  std::string forced_left_;  // bytes still to be spelled
  std::optional<Sampler> sampler_;
  std::vector<float> logits_;
  TextStream stream_;
  GenerationResult result_;
};

}  // namespace engram
