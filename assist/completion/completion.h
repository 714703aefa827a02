// assist/completion/completion.h: one ghost text: from a document and a cursor to an item, or to
// the reason why there is none.
//
// Context (the file around the cursor, definitions of symbols in scope, similar chunks; each with
// a deadline) -> prompt in the model's own format -> engine -> filters -> syntax check -> item.
// docs/design/001-completion.md explains the anchor, healing, and what each filter drops.
//
// Threads: a Completer is thread-safe; complete() blocks its caller until done or stopped, so it
// runs on a worker, never on the io thread.  Errors: only kInvalidArgument (cursor outside the
// text); everything else is a result with a reason code.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "assist/models/model_store.h"
#include "assist/recall/recall_memory.h"
#include "core/certainty.h"
#include "core/result.h"
#include "engine/engine.h"

namespace engram {

struct CompletionRequest {
  std::string path;                         // workspace-relative
  std::string language;                     // empty: from the path
  std::shared_ptr<const std::string> text;  // the buffer
  std::size_t offset = 0;                   // cursor, bytes
  std::size_t max_tokens = 64;
  bool single_line = false;  // else the enclosing block decides
  bool invoked = false;      // asked for by hand: wait longer, show less sure items
  std::size_t items = 1;
  std::string id_hint;                      // document URI + version, for the trace
  std::vector<std::string> excluded_paths;  // files that memory says nothing of, besides this one
  std::vector<OpenBuffer> open;             // other documents of the editor
};

struct FactSource {
  std::string path;
  std::uint32_t line = 0;  // 1-based
};

enum class Checked : std::uint8_t { kNone, kSyntax, kType };
std::string_view to_string(Checked checked);

struct CompletionItem {
  std::string id;
  std::string text;                           // to insert
  std::size_t begin = 0, end = 0;             // bytes it replaces, on one line
  Certainty certainty = Certainty::kTextual;  // of the facts it rests on
  Checked checked = Checked::kNone;
  double confidence = 0;       // how likely all of the text is right
  bool from_memory = false;    // written without a model (memory_completion.h)
  bool memory_agrees = false;  // the repository goes on with the same line elsewhere
  std::vector<FactSource> sources;
};

struct CompletionTimings {
  double context_ms = 0, prefill_ms = 0, decode_ms = 0, check_ms = 0, total_ms = 0;
};

struct CompletionResult {
  std::vector<CompletionItem> items;
  // Empty with items; else a stable code: "no_model", "model_error", "cancelled", "deadline",
  // "empty", "repeats_suffix", "echoes_prompt", "chat_text", "syntax_error", "low_confidence",
  // "unknown_member", "in_secret_file", "random_literal", "unsupported_language", ...
  std::string reason;
  std::string detail;  // for a person
  CompletionTimings timings;
  std::size_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;
  std::size_t drafted_tokens = 0, accepted_tokens = 0;
  std::size_t decode_passes = 0;  // through the model, after the prompt
};

// What a suggestion is made from, besides the model and the text above the cursor.
struct Ingredients {
  bool suffix = true;       // the text below the cursor
  bool definitions = true;  // of symbols in scope
  bool chunks = true;       // similar code of other files
  bool drafts = true;       // guesses that are verified: never changes what is written
  bool search = true;       // a likelier line than greedy decoding's, likelier_line.h
};

struct CompleterOptions {
  std::filesystem::path store;  // catalogue; empty: no memory
  std::string repository_name;  // shown to the model
  std::chrono::milliseconds context_deadline{20};
  // A suggestion whose first line is less likely is not shown unasked: of 492 lines and ends of
  // half-typed names this leaves out 171, one of them right (docs/benchmarks/completion.md).
  double min_confidence = 0.05;
  // Of what memory writes alone, without a model or instead of one that cannot fill in the middle.
  double min_memory_confidence = 0.5;
  std::size_t max_lines = 10;  // of one suggestion
  FimVerdict fim = FimVerdict::kUntested;
  Ingredients ingredients;
  bool keep_traces = true;  // for `engram why`, beside the store
  // A prompt of this size; none: as many tokens as this machine computes while a person waits. And
  // how many of them are the file's before memory has any; none: all.
  std::optional<std::size_t> prompt_tokens, file_tokens;
  bool unhurried = false;                        // for evaluation: all the time it takes
  RecallOptions recall;                          // what the engram memory does
  std::shared_ptr<const Tokenizer> tokenizer{};  // without an engine: memory answers by itself
};

class Completer {
 public:
  // `engine` may be null: memory then completes by itself where it has a tokenizer, and every
  // result says "no_model" where it has none.
  static std::shared_ptr<Completer> create(std::shared_ptr<Engine> engine,
                                           const CompleterOptions& options);
  virtual ~Completer() = default;

  virtual Result<CompletionResult> complete(const CompletionRequest& request,
                                            std::stop_token stop) = 0;
  // The log-probability of `text` at the cursor, token by token, under the prompt of complete() and
  // with what memory mixes in.
  virtual Result<GenerationResult> score(const CompletionRequest& request, std::string_view text,
                                         std::stop_token stop) = 0;
  // Called when the user pauses: grows the prompt's context at the cursor and fills the KV cache,
  // at background priority, until stopped. Never called while complete() runs for the document.
  virtual void warm(const CompletionRequest& request, std::stop_token stop) = 0;
  virtual void set_store(const std::filesystem::path& store) = 0;  // index became available
  // The model's file could not be read any more: all answers are "model_error" from now on.
  virtual bool model_damaged() const { return false; }
};

// Runs the fill-in-the-middle self-test: a few fixed holes whose filling is beyond doubt.
FimVerdict run_fim_self_test(Engine& engine, const std::stop_token& stop = {});

}  // namespace engram
