// How one completion goes:
//
//   document (tree, language, secrets) -> plan: the old one if it still fits, else a new one small
//   enough for this machine -> shape: a line, or lines until the block ends -> engine, ended early
//   when the shape is filled -> candidate: filters, syntax, confidence -> item with sources.
//
// warm() makes the plan that complete() had no time for and lets the engine compute it, so that the
// next keystroke finds it done.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "assist/completion/completion.h"
#include "assist/completion/completion_run.h"
#include "assist/completion/document_state.h"
#include "assist/completion/generation.h"
#include "assist/completion/name_completion.h"
#include "core/hash.h"
#include "core/text.h"
#include "indexer/scan/random_literals.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr Patience kAutomatic{{0.8, 1}, milliseconds(1200), milliseconds(250), milliseconds(8000)};
constexpr Patience kInvoked{{6.0, 25}, milliseconds(5000), milliseconds(2000), milliseconds(60000)};
constexpr Patience kUnhurried{
    {0, 25}, std::chrono::hours(1), std::chrono::hours(1), std::chrono::hours(1)};
constexpr Patience kIdle{{0, 25}, milliseconds(0), milliseconds(0), milliseconds(60000)};

// Of the line as a whole: halves of a literal look less random.
bool in_random_literal(const CursorView& cursor) {
  const std::string line = std::string(cursor.line_before) + std::string(cursor.line_after);
  const std::size_t at = cursor.line_before.size();
  const auto literals = find_random_literals(line);
  return std::any_of(literals.begin(), literals.end(),
                     [&](const ByteSpan& l) { return l.begin < at && at <= l.end; });
}

}  // namespace

class CompleterImplementation final : public Completer {
 public:
  CompleterImplementation(std::shared_ptr<Engine> engine, const CompleterOptions& options)
      : engine_(std::move(engine)),
        options_(options),
        names_(options.store),
        store_(options.store) {
    const auto tokenizer = engine_ ? engine_->shared_tokenizer() : options.tokenizer;
    if (tokenizer) recall_.emplace(tokenizer, options.store);
    if (engine_ == nullptr) return;
    format_ = model_format(engine_->tokenizer(), options.fim);
    planner_.emplace(*engine_, format_, options_);
  }

  Result<CompletionResult> complete(const CompletionRequest& request,
                                    std::stop_token stop) override;
  Result<GenerationResult> score(const CompletionRequest& request, std::string_view text,
                                 std::stop_token stop) override;
  void warm(const CompletionRequest& request, std::stop_token stop) override;
  bool model_damaged() const override { return engine_ != nullptr && engine_->damaged(); }
  void set_store(const std::filesystem::path& store) override {
    if (planner_) planner_->set_store(store);
    if (recall_) recall_->set_store(store);
    names_.set_store(store);
    const MutexLock lock(mutex_);
    store_ = store;
  }

 private:
  Result<void> look_at(const CompletionRequest& request, CompletionPlace& place) const;
  std::optional<MemoryAtCursor> memory_at(const CompletionPlace& place);
  std::filesystem::path store() {
    const MutexLock lock(mutex_);
    return store_;
  }

  std::shared_ptr<Engine> engine_;
  const CompleterOptions options_;
  ModelFormat format_;
  std::optional<PromptPlanner> planner_;  // with an engine
  std::optional<RecallMemory> recall_;
  NameCompletion names_;
  Documents documents_;
  std::atomic<std::uint64_t> next_id_{1};
  Mutex mutex_;
  std::filesystem::path store_ ENGRAM_GUARDED_BY(mutex_);
};

Result<void> CompleterImplementation::look_at(const CompletionRequest& request,
                                              CompletionPlace& place) const {
  const std::string_view text = request.text ? std::string_view(*request.text) : std::string_view();
  const bool inside = request.offset <= text.size();
  const bool splits = inside && request.offset < text.size() &&
                      (static_cast<unsigned char>(text[request.offset]) & 0xC0) == 0x80 &&
                      utf8_floor(text, request.offset) != request.offset;
  if (!inside || splits) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot complete at byte {} of {}: {}", request.offset, request.path,
                             inside ? "it is inside a character"
                                    : fmt::format("the text has {} bytes", text.size()))};
  }
  place.request = &request;
  place.cursor = CursorView::at(text, request.offset);
  return {};
}

std::optional<MemoryAtCursor> CompleterImplementation::memory_at(const CompletionPlace& place) {
  if (!recall_) return std::nullopt;
  return MemoryAtCursor(*recall_, options_.recall, *place.request, place.cursor);
}

Result<CompletionResult> CompleterImplementation::complete(const CompletionRequest& request,
                                                           std::stop_token stop) {
  const auto start = Clock::now();
  CompletionPlace place;
  ENGRAM_TRY_VOID(look_at(request, place));
  CompletionResult out;
  const auto silent = [&](std::string_view reason, std::string detail) {
    out.reason = reason;
    out.detail = std::move(detail);
    out.timings.total_ms = ms_since(start);
    return out;
  };
  if (engine_ == nullptr && !recall_) {
    return silent("no_model", "no model is loaded: engram model fetch");
  }
  place.document = documents_.get(request.path);
  const Patience& patience = options_.unhurried ? kUnhurried
                             : request.invoked  ? kInvoked
                                                : kAutomatic;
  CompletionRun run({engine_.get(), options_, format_, planner_ ? &*planner_ : nullptr, store()},
                    place, patience, memory_at(place));
  {
    DocumentState& document = *place.document;
    const MutexLock lock(document.mutex);
    update_document(document, request.path, request.language, place.cursor.text);
    if (!document.secret.empty()) {
      return silent("in_secret_file", "this file looks like it holds a secret: " + document.secret);
    }
    if (in_random_literal(place.cursor)) {
      return silent("random_literal", "the cursor is at a key, digest or encoded data");
    }
    if (document.tree) run.tree = document.tree->copy();
    run.language = document.language;
    if (planner_) {
      run.plan = planner_->choose(document, request, place.cursor, patience.planning, stop);
    }
  }
  if (stop.stop_requested()) return silent("cancelled", "");
  run.shape = insertion_shape(place.cursor,
                              shape_hints(request, run.tree, run.language, options_.max_lines));
  run.id = fmt::format(
      "{:08x}{:x}",
      static_cast<std::uint32_t>(xxh3(fmt::format("{}:{}:{}", request.id_hint, request.path,
                                                  Clock::now().time_since_epoch().count()))),
      next_id_++);
  out.timings.context_ms = ms_since(start);
  if (engine_) {
    run.generate_items(out, stop);
  } else {
    run.memory->complete(run.candidate_context(false), out);
  }
  // Where the model writes the one suggestion, a name alone would only be less of it.
  if ((!engine_ || request.items > 1) && out.reason != "cancelled") {
    const auto known = [&] { return run.memory ? run.memory->names() : nullptr; };
    names_.complete(run.candidate_context(false), request, known, out);
    run.number_items(out);
  }
  out.timings.total_ms = ms_since(start);
  if (engine_ && out.reason != "cancelled") run.save_trace_of(out);
  return out;
}

Result<GenerationResult> CompleterImplementation::score(const CompletionRequest& request,
                                                        std::string_view text,
                                                        std::stop_token stop) {
  CompletionPlace place;
  ENGRAM_TRY_VOID(look_at(request, place));
  if (engine_ == nullptr) return Error{Errc::kNotFound, "cannot score without a model"};
  place.document = documents_.get(request.path);
  GenerationRequest scored;
  std::shared_ptr<const PromptPlan> plan;
  {
    DocumentState& document = *place.document;
    const MutexLock lock(document.mutex);
    update_document(document, request.path, request.language, place.cursor.text);
    plan = planner_->choose(document, request, place.cursor, kInvoked.planning, stop);
    scored.prompt = plan->prompt;
    scored.forced_text = plan->forced(place.cursor.text, place.cursor.offset);
  }
  scored.scored_text = std::string(text);
  scored.stop_at_line_end = text.find('\n') == std::string_view::npos;
  if (auto memory = memory_at(place); memory && options_.recall.evidence) {
    memory->add_to(scored, format_, plan->prefix);
  }
  GenerationResult result = run_generation(*engine_, std::move(scored), {}, std::move(stop));
  if (result.stop_reason == StopReason::kError) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot score a text in {}: {}", request.path, result.error)};
  }
  return result;
}

void CompleterImplementation::warm(const CompletionRequest& request, std::stop_token stop) {
  CompletionPlace place;
  if (engine_ == nullptr || !look_at(request, place)) return;
  place.document = documents_.get(request.path);
  DocumentState& document = *place.document;
  std::shared_ptr<const PromptPlan> plan;
  std::string forced;
  {
    const MutexLock lock(document.mutex);
    update_document(document, request.path, request.language, place.cursor.text);
    if (!document.secret.empty()) return;
    plan = planner_->plan_ahead(document, request, place.cursor, kIdle.planning, stop);
    if (!plan) return;
    forced = plan->forced(place.cursor.text, request.offset);
  }
  if (auto memory = memory_at(place)) memory->view();  // kept
  GenerationRequest fill;
  fill.prompt = plan->prompt;
  fill.forced_text = std::move(forced);
  fill.max_tokens = 0;
  fill.priority = Priority::kBackground;
  fill.deadline = kIdle.whole;
  const GenerationResult result = run_generation(*engine_, std::move(fill), {}, std::move(stop));
  if (result.stop_reason == StopReason::kCancelled || result.stop_reason == StopReason::kDeadline ||
      result.stop_reason == StopReason::kError) {
    return;  // the engine keeps what it computed; the next call goes on from there
  }
  planner_->computed(*plan, result);
  const MutexLock lock(document.mutex);
  if (document.warming == plan) document.plan = std::exchange(document.warming, nullptr);
}

std::shared_ptr<Completer> Completer::create(std::shared_ptr<Engine> engine,
                                             const CompleterOptions& options) {
  return std::make_shared<CompleterImplementation>(std::move(engine), options);
}

std::string_view to_string(Checked checked) {
  switch (checked) {
    case Checked::kSyntax:
      return "syntax";
    case Checked::kType:
      return "type";
    case Checked::kNone:
      break;
  }
  return "none";
}

}  // namespace engram
