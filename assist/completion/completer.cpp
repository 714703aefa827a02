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

#include "assist/completion/candidate.h"
#include "assist/completion/completion.h"
#include "assist/completion/document_state.h"
#include "assist/completion/generation.h"
#include "assist/completion/memory_at_cursor.h"
#include "assist/completion/name_completion.h"
#include "assist/completion/prompt_planner.h"
#include "assist/completion/sources.h"
#include "assist/completion/trace.h"
#include "assist/completion/unknown_members.h"
#include "core/hash.h"
#include "core/text.h"
#include "indexer/scan/random_literals.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// How long a person waits: for the prompt of a new place, for lines after the first, for the whole.
struct Patience {
  PlanningPatience planning;
  milliseconds more_lines;
  milliseconds whole;
};
constexpr Patience kAutomatic{{0.8, 1}, milliseconds(1200), milliseconds(8000)};
constexpr Patience kInvoked{{6.0, 25}, milliseconds(5000), milliseconds(60000)};
constexpr Patience kUnhurried{{0, 25}, std::chrono::hours(1), std::chrono::hours(1)};
constexpr Patience kIdle{{0, 25}, milliseconds(0), milliseconds(60000)};

// Of the line as a whole: halves of a literal look less random.
bool in_random_literal(const CursorView& cursor) {
  const std::string line = std::string(cursor.line_before) + std::string(cursor.line_after);
  const std::size_t at = cursor.line_before.size();
  const auto literals = find_random_literals(line);
  return std::any_of(literals.begin(), literals.end(),
                     [&](const ByteSpan& l) { return l.begin < at && at <= l.end; });
}

// Likelier ones first; of equals, those that memory agrees with.
bool goes_before(const CompletionItem& a, const CompletionItem& b) {
  return std::pair(a.confidence, a.memory_agrees) > std::pair(b.confidence, b.memory_agrees);
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
  struct Place;  // everything known about the cursor of one request
  struct Run;    // one request on its way

  Result<void> look_at(const CompletionRequest& request, Place& place) const;
  std::optional<MemoryAtCursor> memory_at(const Place& place);
  GenerationResult generate_one(Run& run, std::size_t attempt, std::stop_token stop);
  static std::string item_id(const Run& run, std::size_t index);
  CandidateContext candidate_context(const Run& run, bool model) const;  // else memory writes
  void generate_items(Run& run, CompletionResult& out, std::stop_token stop);
  void doubt_unknown_members(Run& run, const GenerationResult& result, Candidate& candidate);
  void remember(const Run& run, const CompletionResult& out);
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

struct CompleterImplementation::Place {
  const CompletionRequest* request = nullptr;
  CursorView cursor;
  std::shared_ptr<DocumentState> document;
};

struct CompleterImplementation::Run {
  const Place& place;
  Patience patience;
  std::shared_ptr<const PromptPlan> plan;
  InsertionShape shape;
  std::optional<SyntaxTree> tree;
  std::string language;
  std::string id;
  std::vector<FilterNote> notes;  // of all attempts
  std::string raw;                // what the model wrote first
  std::optional<MemoryAtCursor> memory{};
};

std::string CompleterImplementation::item_id(const Run& run, std::size_t index) {
  return index == 0 ? run.id : fmt::format("{}.{}", run.id, index);
}

Result<void> CompleterImplementation::look_at(const CompletionRequest& request,
                                              Place& place) const {
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

std::optional<MemoryAtCursor> CompleterImplementation::memory_at(const Place& place) {
  if (!recall_) return std::nullopt;
  return MemoryAtCursor(*recall_, options_.recall, *place.request, place.cursor);
}

GenerationResult CompleterImplementation::generate_one(Run& run, std::size_t attempt,
                                                       std::stop_token stop) {
  const auto& cursor = run.place.cursor;
  GenerationRequest request;
  request.prompt = run.plan->prompt;
  request.forced_text = run.plan->forced(cursor.text, cursor.offset);
  request.max_tokens = run.place.request->max_tokens;
  request.stop_at_line_end = !run.shape.multi_line;
  request.priority = Priority::kInteractive;
  request.deadline = run.patience.whole;
  request.draft_texts = run.plan->surroundings(cursor.text, cursor.offset);
  if (!options_.ingredients.drafts) request.max_draft = 0;
  DocumentState& document = *run.place.document;
  const std::string_view line_above = previous_code_line(cursor.above);
  if (attempt == 0) {
    const MutexLock lock(document.mutex);
    request.old_text = old_text_for(document.earlier, line_above, cursor.line_before);
  } else {  // alternatives
    request.temperature = 0.7;
    request.top_p = 0.95;
    request.seed = attempt;
  }
  if (run.memory) run.memory->add_to(request, format_, run.plan->prefix);
  std::optional<Clock::time_point> first;
  const auto enough = [&](std::string_view text) {
    if (!run.shape.multi_line) return false;
    if (insertion_end(run.shape, cursor.line_before, text, false)) return true;
    if (!first && !text.empty()) first = Clock::now();
    return first && Clock::now() - *first > run.patience.more_lines &&
           text.find('\n') != std::string_view::npos && !is_blank(text);
  };
  GenerationResult result = run_generation(*engine_, std::move(request), enough, std::move(stop));
  if (result.stop_reason != StopReason::kCancelled && result.stop_reason != StopReason::kError) {
    planner_->computed(*run.plan, result);
    if (attempt == 0 && !result.text.empty()) {
      const MutexLock lock(document.mutex);
      document.earlier = {std::string(line_above), std::string(cursor.line_before), result.text};
    }
  }
  return result;
}

CandidateContext CompleterImplementation::candidate_context(const Run& run, bool model) const {
  const CompletionRequest& request = *run.place.request;
  const double least = model ? options_.min_confidence : options_.min_memory_confidence;
  return {.filter = {run.place.cursor, run.language, request.path},
          .shape = run.shape,
          .tree = run.tree ? &*run.tree : nullptr,
          .min_confidence = request.invoked ? 0.0 : least};
}

void CompleterImplementation::generate_items(Run& run, CompletionResult& out,
                                             std::stop_token stop) {
  const CompletionRequest& request = *run.place.request;
  const CandidateContext context = candidate_context(run, true);
  const std::size_t attempts = request.items <= 1 ? 1 : 2 * request.items;
  for (std::size_t attempt = 0; attempt < attempts && out.items.size() < request.items; ++attempt) {
    const GenerationResult result = generate_one(run, attempt, stop);
    out.timings.prefill_ms += result.queue_ms + result.prefill_ms;
    out.timings.decode_ms += result.decode_ms;
    out.generated_tokens += result.tokens.size();
    out.drafted_tokens += result.drafted_tokens;
    out.accepted_tokens += result.accepted_tokens;
    out.decode_passes += result.decode_passes;
    if (attempt == 0) {
      out.prompt_tokens = result.prompt_tokens;
      out.reused_tokens = result.reused_tokens;
      run.raw = result.text;
    }
    const auto checking = Clock::now();
    Candidate candidate = judge_generation(context, result);
    if (candidate.reason.empty()) doubt_unknown_members(run, result, candidate);
    out.timings.check_ms += ms_since(checking);
    run.notes.insert(run.notes.end(), candidate.notes.begin(), candidate.notes.end());
    if (!candidate.reason.empty()) {
      if (out.items.empty()) out.reason = candidate.reason, out.detail = candidate.detail;
      if (candidate.reason == "cancelled" || candidate.reason == "model_error") break;
      continue;
    }
    const auto same = [&](const CompletionItem& item) { return item.text == candidate.text; };
    if (std::any_of(out.items.begin(), out.items.end(), same)) continue;
    CompletionItem item;
    item.begin = item.end = request.offset;
    item.checked = candidate.checked;
    item.confidence = candidate.confidence;
    Sources sources = find_sources(candidate.text, run.plan->snippets, request.path,
                                   run.place.cursor.text, request.offset);
    item.text = std::move(candidate.text);
    item.certainty = sources.certainty;
    item.sources = std::move(sources.places);
    if (run.memory) run.memory->note_agreement(item);
    out.items.push_back(std::move(item));
    out.reason.clear();
    out.detail.clear();
  }
  if (out.reason == "cancelled" || out.reason == "model_error") return;
  // A weak model may leave a line that the repository has whole, even where memory is mixed in.
  const bool is_weak = format_.layout != PromptLayout::kFillInTheMiddle;
  if (run.memory && options_.recall.evidence && is_weak) {
    CandidateContext sure = candidate_context(run, false);
    sure.min_confidence = options_.min_memory_confidence;
    run.memory->add_what_is_sure(sure, out);
  }
  std::sort(out.items.begin(), out.items.end(), goes_before);
  if (out.items.size() > request.items) out.items.resize(request.items);
  for (std::size_t i = 0; i < out.items.size(); ++i) out.items[i].id = item_id(run, i);
}

// What uses a member that nothing here has is hardly ever right.
void CompleterImplementation::doubt_unknown_members(Run& run, const GenerationResult& result,
                                                    Candidate& candidate) {
  const CursorView& cursor = run.place.cursor;
  const bool prose =
      run.tree && (run.tree->in_comment(cursor.offset) || run.tree->in_string(cursor.offset));
  if (!run.memory || prose) return;
  NameSources sources{[&] { return run.memory->names(); }};
  if (run.language == "c" || run.language == "cpp" || run.language == "cuda") {
    sources.compiler_has = [&](std::string_view name) { return compiler_has_name(store(), name); };
  }
  const std::string name =
      unknown_member(run.language, cursor.line_before, candidate.text, sources);
  if (name.empty()) return;
  candidate.confidence *= kUnknownMemberShare;
  candidate.notes.push_back({"unknown_member", fmt::format("nothing here has a '{}'", name)});
  const std::size_t first_line = std::min(candidate.text.find('\n'), candidate.text.size());
  const double least = run.place.request->invoked ? 0 : options_.min_confidence;
  if (kUnknownMemberShare * chance_of(result, first_line) >= least) return;
  candidate.reason = "unknown_member";
  candidate.detail = fmt::format("nothing in this repository has a '{}'", name);
}

Result<CompletionResult> CompleterImplementation::complete(const CompletionRequest& request,
                                                           std::stop_token stop) {
  const auto start = Clock::now();
  Place place;
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
  Run run{place, patience, {}, {}, {}, {}, {}, {}, {}, memory_at(place)};
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
      run.plan = planner_->choose(document, request, place.cursor, run.patience.planning, stop);
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
    generate_items(run, out, stop);
  } else {
    run.memory->complete(candidate_context(run, false), out);
  }
  // Where the model writes the one suggestion, a name alone would only be less of it.
  if ((!engine_ || request.items > 1) && out.reason != "cancelled") {
    const auto known = [&] { return run.memory ? run.memory->names() : nullptr; };
    names_.complete(candidate_context(run, false), request, known, out);
    for (std::size_t i = 0; i < out.items.size(); ++i) out.items[i].id = item_id(run, i);
  }
  out.timings.total_ms = ms_since(start);
  if (engine_ && out.reason != "cancelled") remember(run, out);
  return out;
}

Result<GenerationResult> CompleterImplementation::score(const CompletionRequest& request,
                                                        std::string_view text,
                                                        std::stop_token stop) {
  Place place;
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
  Place place;
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

void CompleterImplementation::remember(const Run& run, const CompletionResult& out) {
  const std::filesystem::path store = this->store();
  if (store.empty() || !options_.keep_traces) return;
  const auto& cursor = run.place.cursor;
  const json::object trace = trace_of({.id = run.id,
                                       .model = engine_->config().name,
                                       .layout = to_string(format_.layout),
                                       .forced = run.plan->forced(cursor.text, cursor.offset),
                                       .generated = run.raw,
                                       .request = *run.place.request,
                                       .plan = *run.plan,
                                       .notes = run.notes,
                                       .result = out});
  save_trace(store, run.id, trace);
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
