// engine/generation.h: one request on its way from prompt to result, a pass at a time.
//
// plan() says what the next forward pass should compute for this request: a batch of prefill, or
// the last token and, after it, a tree of those that may follow. complete() takes the logits: each
// row is sampled as if it were the only one, and as long as the choice is what was drafted, the
// row after that is valid too. So output, random draws included, is that of decoding token by
// token; a drafted token is taken with exactly the probability the model gives it, which for drafts
// without probabilities of their own is what rejection sampling does (Leviathan et al., 2023).
//
// All that is needed to go on is the token sequence: should another request take the KV pages
// meanwhile, what is missing is computed again.
//
// The prompt becomes tokens in engine/prompt_encoding.h, which takes the last ones back: they are
// spelled again under the constraint of their bytes.
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

#include "engine/draft_controller.h"
#include "engine/draft_tree.h"
#include "engine/drafter.h"
#include "engine/encoded_texts.h"
#include "engine/engine.h"
#include "engine/grammar/token_constraint.h"
#include "engine/kv_pool.h"
#include "engine/sampler.h"
#include "engine/text_stream.h"
#include "engine/thoughts.h"
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
  DraftStatistics& drafts;
  EncodedTexts& texts;
  TokenConstraints& constraints;
  std::span<const std::uint64_t> running;  // the requests of this pass
};

// What one request wants of a pass.
struct PassShare {
  struct Branch {  // after the first n_shared tokens; logits of all its own
    KvCache* cache = nullptr;
    std::vector<TokenId> tokens;
    std::size_t n_shared = 0;
  };
  KvCache* cache = nullptr;
  std::vector<TokenId> tokens;
  std::size_t n_logits = 0;
  std::vector<Branch> branches;

  std::size_t rows() const;
  std::size_t all_logits() const;  // of the branches too
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
  Clock::time_point submitted() const { return submitted_; }

  void cancel() { cancelled_.store(true); }  // thread-safe
  bool cancelled() const { return cancelled_.load(); }

  // Past its prompt: its passes are short and can be shared with other requests.
  bool decoding() const { return decoding_; }

  // Its share of the next pass, of at most `most_rows` rows once it decodes; nullopt: the request
  // is finished.
  std::optional<PassShare> plan(GenerationContext& context, std::size_t most_rows);
  // `done` is the outcome of the pass. One that was stopped keeps what was computed.
  void complete(GenerationContext& context, const PassShare& share, const Result<void>& done,
                std::span<const float> logits);
  void finish(StopReason reason, std::string error = {});  // sends the final event
  void account_waiting(Clock::time_point now);  // since the last step, or submit: queue_ms
  bool finished() const { return finished_; }

 private:
  Result<void> prepare(const GenerationContext& context);
  void make_drafters(const GenerationContext& context);
  void propose(const GenerationContext& context, std::size_t most_rows);
  void add_draft_rows(GenerationContext& context, PassShare& share);
  void take_rows(const GenerationContext& context, std::span<const float> logits, DraftWalk& walk);
  void learn(const GenerationContext& context, std::size_t first_chosen, std::size_t accepted);
  void take_token(const GenerationContext& context, std::span<const float> logits);
  Result<SampledToken> choose(std::span<const float> logits);
  Result<void> prepare_grammar(const GenerationContext& context);
  GrammarPlace grammar_place() const;
  bool follow_grammar(std::string_view bytes);
  void cut_guesses_to_grammar(const Tokenizer& tokenizer);
  bool propose_scored(std::size_t most_rows);
  void account_time(const GenerationContext& context);
  void add_thought(const GenerationContext& context, const SampledToken& token,
                   std::string_view bytes);
  void end_thinking(const GenerationContext& context);
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
  bool began_ = false;     // KV pages have been looked for
  bool decoding_ = false;  // the first logits have been seen
  std::vector<TokenId> sequence_;
  std::string forced_left_;  // bytes still to be spelled
  std::optional<Sampler> sampler_;
  std::shared_ptr<TokenConstraint> constraint_;  // null: no grammar
  TokenConstraint::State grammar_state_ = 0;     // after the text so far
  std::vector<TokenId> scored_;                  // of scored_text
  std::size_t n_scored_ = 0;                     // of them taken
  std::vector<std::shared_ptr<Drafter>> drafters_;
  std::size_t observed_ = 0;    // tokens of sequence_ that the drafters know
  std::vector<Draft> guesses_;  // before this pass, the likeliest first
  DraftTree tree_;              // what is verified of them
  DraftController controller_;
  Thoughts thoughts_;
  bool skip_space_ = false;  // between thoughts and text
  TextStream stream_;
  GenerationResult result_;
};

}  // namespace engram
