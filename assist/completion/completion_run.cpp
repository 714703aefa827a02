#include "assist/completion/completion_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "assist/completion/earlier_suggestion.h"
#include "assist/completion/generation.h"
#include "assist/completion/likelier_line.h"
#include "assist/completion/sources.h"
#include "assist/completion/trace.h"
#include "assist/completion/unknown_members.h"
#include "core/text.h"

namespace engram {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAlternatives = 4;  // of each token, by which a likelier line may leave

// Likelier ones first; of equals, those that memory agrees with.
bool goes_before(const CompletionItem& a, const CompletionItem& b) {
  return std::pair(a.confidence, a.memory_agrees) > std::pair(b.confidence, b.memory_agrees);
}

void add_work(const GenerationResult& result, CompletionResult& out) {
  out.timings.prefill_ms += result.queue_ms + result.prefill_ms;
  out.timings.decode_ms += result.decode_ms;
  out.generated_tokens += result.tokens.size();
  out.drafted_tokens += result.drafted_tokens;
  out.accepted_tokens += result.accepted_tokens;
  out.decode_passes += result.decode_passes;
}

bool ended_by_engine(std::string_view reason) {
  return reason == "cancelled" || reason == "model_error";
}

}  // namespace

void CompletionRun::number_items(CompletionResult& out) const {
  for (std::size_t i = 0; i < out.items.size(); ++i) {
    out.items[i].id = i == 0 ? id : fmt::format("{}.{}", id, i);
  }
}

CandidateContext CompletionRun::candidate_context(bool model) const {
  const CompletionRequest& request = *place_.request;
  const CompleterOptions& options = parts_.options;
  const double least = model ? options.min_confidence : options.min_memory_confidence;
  return {.filter = {place_.cursor, language, request.path},
          .shape = shape,
          .tree = tree ? &*tree : nullptr,
          .min_confidence = request.invoked ? 0.0 : least};
}

GenerationRequest CompletionRun::request_of(std::size_t attempt) {
  const auto& cursor = place_.cursor;
  GenerationRequest request;
  request.prompt = plan->prompt;
  request.forced_text = plan->forced(cursor.text, cursor.offset);
  request.max_tokens = place_.request->max_tokens;
  request.stop_at_line_end = !shape.multi_line;
  request.priority = Priority::kInteractive;
  request.deadline = patience_.whole;
  request.draft_texts = plan->surroundings(cursor.text, cursor.offset);
  if (!parts_.options.ingredients.drafts) request.max_draft = 0;
  if (attempt > 0) {  // another suggestion
    request.temperature = 0.7;
    request.top_p = 0.95;
    request.seed = attempt;
  }
  if (memory) memory->add_to(request, parts_.format, plan->prefix);
  return request;
}

CompletionRun::Written CompletionRun::generate_one(std::size_t attempt, std::stop_token stop) {
  const auto& cursor = place_.cursor;
  GenerationRequest request = request_of(attempt);
  DocumentState& document = *place_.document;
  const std::string_view line_above = previous_code_line(cursor.above);
  if (attempt == 0) {
    const MutexLock lock(document.mutex);
    request.old_text = old_text_for(document.earlier, line_above, cursor.line_before);
  }
  if (attempt == 0 && !shape.multi_line && parts_.options.ingredients.search) {
    request.alternatives = kAlternatives;
  }
  std::optional<Clock::time_point> first;
  const auto enough = [&](std::string_view text) {
    if (!shape.multi_line) return false;
    if (insertion_end(shape, cursor.line_before, text, false)) return true;
    if (!first && !text.empty()) first = Clock::now();
    return first && Clock::now() - *first > patience_.more_lines &&
           text.find('\n') != std::string_view::npos && !is_blank(text);
  };
  GenerationResult result = run_generation(*parts_.engine, std::move(request), enough, stop);
  if (result.stop_reason == StopReason::kCancelled || result.stop_reason == StopReason::kError) {
    return {std::move(result), {}};
  }
  parts_.planner->computed(*plan, result);
  Written written = likelier_line(std::move(result), std::move(stop));
  if (attempt == 0 && !written.best.text.empty()) {
    const MutexLock lock(document.mutex);
    document.earlier = {std::string(line_above), std::string(cursor.line_before),
                        written.best.text};
  }
  return written;
}

CompletionRun::Written CompletionRun::likelier_line(GenerationResult written,
                                                    std::stop_token stop) {
  const auto choice = likelier_choice(written);
  if (!choice || written.stop_reason == StopReason::kDeadline) return {std::move(written), {}};
  std::optional<GenerationResult> rest;
  if (!choice->ends) {
    GenerationRequest request = rest_after(request_of(0), written, *choice);
    request.deadline = patience_.likelier_line;
    rest = run_generation(*parts_.engine, std::move(request), {}, std::move(stop));
    if (rest->stop_reason == StopReason::kCancelled) return {*std::move(rest), {}};
  }
  GenerationResult better = better_of(written, *choice, rest ? &*rest : nullptr);
  if (better.text == written.text) return {std::move(better), {}};
  notes_.push_back({"likelier_line", fmt::format("instead of '{}'", written.text)});
  return {std::move(better), std::move(written)};
}

Candidate CompletionRun::judge(const CandidateContext& context, const GenerationResult& result) {
  Candidate candidate = judge_generation(context, result);
  if (candidate.reason.empty()) doubt_unknown_members(result, candidate);
  notes_.insert(notes_.end(), candidate.notes.begin(), candidate.notes.end());
  return candidate;
}

CompletionItem CompletionRun::item_of(Candidate candidate) {
  const CompletionRequest& request = *place_.request;
  CompletionItem item;
  item.begin = item.end = request.offset;
  item.checked = candidate.checked;
  item.confidence = candidate.confidence;
  Sources sources = find_sources(candidate.text, plan->snippets, request.path, place_.cursor.text,
                                 request.offset);
  item.text = std::move(candidate.text);
  item.certainty = sources.certainty;
  item.sources = std::move(sources.places);
  if (memory) memory->note_agreement(item);
  return item;
}

void CompletionRun::generate_items(CompletionResult& out, std::stop_token stop) {
  const std::size_t wanted = place_.request->items;
  const CandidateContext context = candidate_context(true);
  const std::size_t attempts = wanted <= 1 ? 1 : 2 * wanted;
  for (std::size_t attempt = 0; attempt < attempts && out.items.size() < wanted; ++attempt) {
    const Written written = generate_one(attempt, stop);
    add_work(written.best, out);
    if (attempt == 0) {
      out.prompt_tokens = written.best.prompt_tokens;
      out.reused_tokens = written.best.reused_tokens;
      raw_ = written.best.text;
    }
    const auto checking = Clock::now();
    Candidate candidate = judge(context, written.best);
    if (!candidate.reason.empty() && written.first) candidate = judge(context, *written.first);
    out.timings.check_ms += ms_since(checking);
    if (!candidate.reason.empty()) {
      if (out.items.empty()) out.reason = candidate.reason, out.detail = candidate.detail;
      if (ended_by_engine(candidate.reason)) break;
      continue;
    }
    const auto same = [&](const CompletionItem& item) { return item.text == candidate.text; };
    if (std::any_of(out.items.begin(), out.items.end(), same)) continue;
    out.items.push_back(item_of(std::move(candidate)));
    out.reason.clear();
    out.detail.clear();
  }
  if (ended_by_engine(out.reason)) return;
  // A weak model may leave a line that the repository has whole, even where memory is mixed in.
  const bool is_weak = parts_.format.layout != PromptLayout::kFillInTheMiddle;
  if (memory && parts_.options.recall.evidence && is_weak) {
    CandidateContext sure = candidate_context(false);
    sure.min_confidence = parts_.options.min_memory_confidence;
    memory->add_what_is_sure(sure, out);
  }
  std::sort(out.items.begin(), out.items.end(), goes_before);
  if (out.items.size() > wanted) out.items.resize(wanted);
  number_items(out);
}

// What uses a member that nothing here has is hardly ever right.
void CompletionRun::doubt_unknown_members(const GenerationResult& result, Candidate& candidate) {
  const CursorView& cursor = place_.cursor;
  const bool prose = tree && (tree->in_comment(cursor.offset) || tree->in_string(cursor.offset));
  if (!memory || prose) return;
  NameSources sources{[&] { return memory->names(); }};
  if (language == "c" || language == "cpp" || language == "cuda") {
    sources.compiler_has = [&](std::string_view name) {
      return compiler_has_name(parts_.store, name);
    };
  }
  const std::string name = unknown_member(language, cursor.line_before, candidate.text, sources);
  if (name.empty()) return;
  candidate.confidence *= kUnknownMemberShare;
  candidate.notes.push_back({"unknown_member", fmt::format("nothing here has a '{}'", name)});
  const std::size_t first_line = std::min(candidate.text.find('\n'), candidate.text.size());
  const double least = candidate_context(true).min_confidence;
  if (kUnknownMemberShare * chance_of(result, first_line) >= least) return;
  candidate.reason = "unknown_member";
  candidate.detail = fmt::format("nothing in this repository has a '{}'", name);
}

void CompletionRun::save_trace_of(const CompletionResult& out) const {
  if (parts_.store.empty() || !parts_.options.keep_traces) return;
  const auto& cursor = place_.cursor;
  const json::object trace = trace_of({.id = id,
                                       .model = parts_.engine->config().name,
                                       .layout = to_string(parts_.format.layout),
                                       .forced = plan->forced(cursor.text, cursor.offset),
                                       .generated = raw_,
                                       .request = *place_.request,
                                       .plan = *plan,
                                       .notes = notes_,
                                       .result = out});
  save_trace(parts_.store, id, trace);
}

}  // namespace engram
