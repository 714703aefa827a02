// engine/engine.h: asynchronous generation: a message in, events out.
//
// The only way assist/ and the faces reach a model. Everything in a request and an event is plain
// data, so that a per-user engine process behind a socket can replace the in-process one. One
// engine thread owns the weights and KV caches; a newer request of higher priority runs first, and
// requests of one priority decode together. KV of the longest exact common token prefix of earlier
// requests is reused; nothing else is. Neither that, nor who shares a pass, nor drafts change what
// is generated.
//
// Forced text: the output must begin with the bytes of `forced_text` (what the user typed after
// the anchor). A text part at the end of the prompt and the forced text are encoded as one text;
// its whole tokens are prefilled, and the last, possibly half-typed one is taken back and spelled
// again by tokens that begin with its bytes ("token healing"), in the tokenizer's normal form.
// White space that ends the prompt is healed in the same way, typed or not: tokenizers keep the
// last space, and some the newline, for the word that follows. Events never repeat prompt or forced
// bytes.
//
// Threads: thread-safe; on_event runs on the engine thread and must not block.
// Errors: through the final event; submit() itself never fails.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/drafter.h"
#include "engine/evidence.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/transformer.h"

namespace engram {

// A prompt is a list of parts: text, or one control token by its exact name.
struct PromptPart {
  enum class Kind : std::uint8_t { kText, kSpecial };
  Kind kind = Kind::kText;
  std::string value;
};

enum class Priority : std::uint8_t { kBackground, kInteractive };

// A prompt that is longer than the context is an error, or loses the beginning of its text (never
// control tokens, never the last part), as much as leaves room to answer. The result says how much.
enum class ContextPolicy : std::uint8_t { kRefuse, kCutBeginning };

struct GenerationRequest {
  std::vector<PromptPart> prompt;
  std::string forced_text;
  std::size_t max_tokens = 64;    // generated ones, forced excluded; 0: only fill the KV cache
  bool stop_at_line_end = false;  // ends at the first '\n' after the forced text, wherever in
                                  // a token it lies (newline folding); not part of the text
  std::vector<std::string> stop_strings;  // cut before the first occurrence
  double temperature = 0;                 // 0: greedy
  double top_p = 1.0;
  std::uint64_t seed = 0;
  Priority priority = Priority::kInteractive;
  std::optional<std::chrono::milliseconds> deadline;  // from submit; ends with what there is
  ContextPolicy context_policy = ContextPolicy::kRefuse;

  // Of a reasoning model whose prompt ends where it begins to think: the mark that ends its
  // thoughts
  // ("</think>"; empty: it does not think), and the most tokens of them; then they are ended for
  // it. Thoughts are told apart from the text and do not count as max_tokens.
  std::string think_end;
  std::size_t think_tokens = 1024;

  // Guesses, verified several tokens at a time: what is generated stays the same, it only comes
  // sooner. The prompt is always a source; the model sees nothing of these.
  std::vector<std::string> draft_texts;  // the output may repeat parts of them (the whole file)
  std::string old_text;                  // the output is an edited version of it
  std::size_t max_draft = 15;            // tokens at a time; 0: none
  std::size_t max_branches = 3;          // of them, besides the likeliest chain; 0: chains only

  // Nothing is generated: the result's text is this one, spelled in the tokenizer's normal form,
  // and its tokens have the log-probabilities that the model (and evidence) gives them, one after
  // the other. With stop_at_line_end they sum to that of a line which begins with this text. Ends
  // with kEndOfText; max_tokens does not cut it.
  std::string scored_text;

  // The text satisfies a JSON schema (engine/grammar/json_schema.h), or a grammar
  // (engine/grammar/gbnf.h), and ends where that does; what was forced is not part of it, nor are
  // thoughts. A text cut by max_tokens is the beginning of such a one. Both empty: any text.
  std::string json_schema;
  std::string grammar;

  // For who searches for a likelier text than greedy decoding writes, at temperature 0: how many
  // other choices of each token the result names, at most, and how likely the text must stay. It
  // ends with kUnlikely once its log-probability is less.
  std::size_t alternatives = 0;
  double least_log_probability = -std::numeric_limits<double>::infinity();

  // In this process only; each may be null. One more source of guesses, for this request alone,
  // and what else is known about the next token.
  std::shared_ptr<Drafter> drafter;
  std::shared_ptr<Evidence> evidence;
};

enum class StopReason : std::uint8_t {
  kEndOfText,
  kLineEnd,
  kStopString,
  kMaxTokens,
  kContextFull,
  kDeadline,
  kCancelled,
  kError,
  kUnlikely,
};
std::string_view to_string(StopReason reason);

struct GeneratedToken {
  TokenId id = 0;
  std::uint32_t begin = 0, end = 0;  // bytes of GenerationResult::text (after folding and cutting)
  // The model's, before temperature. With stop_at_line_end newlines are folded: that of the text
  // "X" is the sum over "X" and every "X\n...", and where the line ends in a token, over those
  // that end it there. Of a healed token: given the bytes that were typed.
  float log_probability = 0;
};

// What could have followed the first `begin` bytes of the text: one other token.
struct Alternative {
  std::uint32_t begin = 0;
  std::string bytes;           // of the token, up to its line end where lines are folded
  bool ends = false;           // the line or text ends with them
  double log_probability = 0;  // of the text up to there and these bytes, as GeneratedToken's
  TokenId id = -1;             // the token; -1: not known
};

struct GenerationResult {
  std::string text;  // without forced_text; always whole characters
  std::vector<GeneratedToken> tokens;
  // Of the text, given what was forced, and of its end where the model chose it.
  double log_probability = 0;
  std::vector<Alternative> alternatives;  // see GenerationRequest; those that are whole characters
  std::string thoughts;  // see GenerationRequest::think_end; never part of the text
  std::size_t thought_tokens = 0;
  StopReason stop_reason = StopReason::kEndOfText;
  std::string error;                                    // for kError: one line
  std::size_t prompt_tokens = 0;                        // forced ones included
  std::size_t reused_tokens = 0;                        // of those, found in the KV cache
  std::size_t cut_tokens = 0;                           // left out of the prompt, see ContextPolicy
  std::size_t drafted_tokens = 0, accepted_tokens = 0;  // verified, and of those right
  std::size_t branches = 0, accepted_branches = 0;      // verified, and of those entered
  std::size_t decode_passes = 0;                        // through the model, after the prompt
  double queue_ms = 0;  // waiting for a turn, at first and whenever a more urgent request ran
  double prefill_ms = 0, decode_ms = 0;
};

struct GenerationEvent {
  std::string_view piece;                  // new whole characters; may be empty
  const GenerationResult* done = nullptr;  // set in the last event, then valid during the call
  std::string_view thought{};              // new characters of what is thought before the text
};

using RequestId = std::uint64_t;

struct EngineOptions {
  std::string kernels;             // empty: the best
  bool mixed_activations = false;  // see TransformerOptions
  unsigned threads = 0;
  std::size_t context_tokens = 8192;      // capped by the model's own
  std::size_t cached_sequences = 2;       // KV memory, in whole contexts, shared by all requests
  bool share_machine = false;             // queue with other engines of this user, machine_queue.h
  std::uint64_t memory_budget_bytes = 0;  // weights + KV; 0: 3/4 of what is free at load
};

class Engine {
 public:
  // Loads on the caller's thread. kBusy when the memory budget cannot hold the model; kCancelled
  // soon after `stop` was requested.
  static Result<std::shared_ptr<Engine>> open(const std::filesystem::path& gguf,
                                              const EngineOptions& options,
                                              std::stop_token stop = {});
  virtual ~Engine() = default;  // cancels what runs, joins

  virtual RequestId submit(GenerationRequest request,
                           std::function<void(const GenerationEvent&)> on_event) = 0;
  virtual void cancel(RequestId id) = 0;  // the final event still comes, within milliseconds

  virtual const ModelConfig& config() const = 0;
  const Tokenizer& tokenizer() const { return *shared_tokenizer(); }
  // For who may outlive the engine, or is held by its requests: those must not hold the engine.
  virtual std::shared_ptr<const Tokenizer> shared_tokenizer() const = 0;
  virtual std::string_view kernels() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;
  // The model's file was truncated, or could not be read, while in use: every request ends with an
  // error from now on. What a new engine makes of the file is another matter.
  virtual bool damaged() const { return false; }
};

// Runs one request to its end on the calling thread's time (CLI, tests).
GenerationResult generate(Engine& engine, GenerationRequest request,
                          const std::function<void(std::string_view)>& on_piece = {});

}  // namespace engram
