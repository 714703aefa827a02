#include "assist/completion/prompt_planner.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "indexer/syntax/language.h"

namespace engram {

namespace {

constexpr std::array<std::size_t, 7> kPromptSizes = {kFullPromptTokens, 1000, 700, 450, 260, 160,
                                                     kLeastPromptTokens};
constexpr std::size_t kFactsReach = 20;  // lines the cursor may move before facts are chosen anew
constexpr std::size_t kEngineSequences = 4;
constexpr int kLookUpPatience = 20;  // times CompleterOptions::context_deadline

}  // namespace

PromptPlanner::PromptPlanner(const Engine& engine, const ModelFormat& format,
                             const CompleterOptions& options)
    : engine_(engine),
      format_(format),
      options_(options),
      speed_(engine.config(), std::max(1U, std::thread::hardware_concurrency())),
      context_(options.store, kLookUpPatience * options.context_deadline),
      ledger_(kEngineSequences) {}

void PromptPlanner::set_store(const std::filesystem::path& store) {
  context_.set_store(store);
  ++store_epoch_;
}

void PromptPlanner::computed(const PromptPlan& plan, const GenerationResult& result) {
  speed_.observe(result);
  const MutexLock lock(mutex_);
  ledger_.add(plan.ids);
}

void PromptPlanner::choose_facts(DocumentState& document, const CompletionRequest& request,
                                 const CursorView& cursor, const PlanningPatience& patience,
                                 std::stop_token stop) {
  const auto line =
      static_cast<std::size_t>(std::count(cursor.above.begin(), cursor.above.end(), '\n'));
  const std::size_t moved =
      std::max(line, document.facts_line) - std::min(line, document.facts_line);
  const std::uint64_t epoch = store_epoch_;
  if (!options_.ingredients.chunks && !options_.ingredients.definitions) {
    document.facts_complete = true;
    document.facts_epoch = epoch;
    return;
  }
  if (document.facts_epoch == epoch && document.facts_complete && moved <= kFactsReach) return;
  const auto known = identifiers_near(document.tree ? &*document.tree : nullptr, cursor.text.size(),
                                      cursor.offset);
  auto query = context_query(request.path, document.language, cursor.text, cursor.offset, known);
  query.excluded_paths = request.excluded_paths;
  ContextFacts facts =
      context_.gather(query, options_.context_deadline * patience.context_factor, std::move(stop));
  std::erase_if(facts.snippets, [&](const PromptSnippet& snippet) {
    return snippet.kind == PromptSnippet::Kind::kChunk ? !options_.ingredients.chunks
                                                       : !options_.ingredients.definitions;
  });
  document.snippets = std::move(facts.snippets);
  document.facts_complete = facts.complete;
  document.facts_line = line;
  document.facts_epoch = epoch;
}

PromptPlan PromptPlanner::plan_of_size(const DocumentState& document,
                                       const CompletionRequest& request, const CursorView& cursor,
                                       std::size_t tokens) const {
  PlanInput input;
  input.text = cursor.text;
  input.offset = cursor.offset;
  input.path = request.path;
  input.repository = options_.repository_name;
  if (const auto* traits = language_traits(document.language)) {
    input.line_comment = std::string(traits->line_comment);
  }
  input.snippets = document.snippets;
  input.suffix = options_.ingredients.suffix;
  input.file_tokens = options_.file_tokens;
  if (document.plan && document.plan->budget == tokens) {
    input.keep_window = document.plan->window_begin;
  }
  return make_plan(engine_.tokenizer(), format_, input, tokens);
}

// The largest prompt whose new part this machine can compute while a person waits.
std::shared_ptr<const PromptPlan> PromptPlanner::choose(DocumentState& document,
                                                        const CompletionRequest& request,
                                                        const CursorView& cursor,
                                                        const PlanningPatience& patience,
                                                        std::stop_token stop) {
  if (document.plan && document.plan->fits(cursor.text, cursor.offset)) {
    return document.plan;
  }
  choose_facts(document, request, cursor, patience, std::move(stop));
  if (options_.prompt_tokens) {
    document.plan = std::make_shared<PromptPlan>(
        plan_of_size(document, request, cursor, *options_.prompt_tokens));
    return document.plan;
  }
  const auto allowed = static_cast<std::size_t>(speed_.prefill_rate() * patience.prefill_seconds);
  std::shared_ptr<const PromptPlan> chosen;
  for (const std::size_t tokens : kPromptSizes) {
    auto plan = plan_of_size(document, request, cursor, tokens);
    std::size_t shared = 0;
    {
      const MutexLock lock(mutex_);
      shared = ledger_.shared_prefix(plan.ids);
    }
    const std::size_t fresh = plan.ids.size() - shared;
    chosen = std::make_shared<PromptPlan>(std::move(plan));
    if (fresh <= allowed) break;
  }
  document.plan = chosen;
  return chosen;
}

std::shared_ptr<const PromptPlan> PromptPlanner::plan_ahead(DocumentState& document,
                                                            const CompletionRequest& request,
                                                            const CursorView& cursor,
                                                            const PlanningPatience& patience,
                                                            std::stop_token stop) {
  const std::string_view text = cursor.text;
  const auto fits_here = [&](const std::shared_ptr<const PromptPlan>& p) {
    // Near enough: the cursor is still on the line of the anchor or the next few.
    constexpr std::ptrdiff_t kNearLines = 4;
    if (!p || p->budget != full_size() || !p->fits(text, request.offset)) return false;
    const std::string_view typed = p->typed(text, request.offset);
    return std::count(typed.begin(), typed.end(), '\n') <= kNearLines;
  };
  const bool fresh = document.facts_complete && document.facts_epoch == store_epoch_;
  if (fresh && fits_here(document.plan)) return nullptr;
  if (!fresh || !fits_here(document.warming)) {
    choose_facts(document, request, cursor, patience, std::move(stop));
    document.warming =
        std::make_shared<PromptPlan>(plan_of_size(document, request, cursor, full_size()));
  }
  return document.warming;
}

}  // namespace engram
