// assist/completion/prompt_planner.h: which prompt a place gets: the one it had while that fits,
// else facts chosen anew and the largest prompt whose new part this machine can compute while a
// person waits; when idle, the full one.
//
// Threads: thread-safe; a document is changed under its own mutex, which the caller holds.
// Errors: none.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "assist/completion/completion.h"
#include "assist/completion/context.h"
#include "assist/completion/document_state.h"
#include "assist/completion/generation.h"
#include "assist/completion/line_view.h"
#include "assist/completion/model_format.h"
#include "assist/completion/plan.h"
#include "core/sync.h"

namespace engram {

struct PlanningPatience {
  double prefill_seconds;
  int context_factor;  // times CompleterOptions::context_deadline
};

class PromptPlanner {
 public:
  // All three outlive the planner.
  PromptPlanner(const Engine& engine, const ModelFormat& format, const CompleterOptions& options);

  std::shared_ptr<const PromptPlan> choose(DocumentState& document,
                                           const CompletionRequest& request,
                                           const CursorView& cursor,
                                           const PlanningPatience& patience, std::stop_token stop)
      ENGRAM_REQUIRES(document.mutex);

  // The full-sized plan that choose() had no time for, to be computed while nobody waits and then
  // made the document's own; null: it has one. Kept in `document.warming`.
  std::shared_ptr<const PromptPlan> plan_ahead(
      DocumentState& document, const CompletionRequest& request, const CursorView& cursor,
      const PlanningPatience& patience, std::stop_token stop) ENGRAM_REQUIRES(document.mutex);

  // The engine has worked on a plan: how fast, and what it need not compute again.
  void computed(const PromptPlan& plan, const GenerationResult& result);

  void set_store(const std::filesystem::path& store);  // facts are chosen anew

 private:
  void choose_facts(DocumentState& document, const CompletionRequest& request,
                    const CursorView& cursor, const PlanningPatience& patience,
                    std::stop_token stop) ENGRAM_REQUIRES(document.mutex);
  std::size_t full_size() const { return options_.prompt_tokens.value_or(kFullPromptTokens); }
  PromptPlan plan_of_size(const DocumentState& document, const CompletionRequest& request,
                          const CursorView& cursor, std::size_t tokens) const
      ENGRAM_REQUIRES(document.mutex);

  const Engine& engine_;
  const ModelFormat& format_;
  const CompleterOptions& options_;
  SpeedModel speed_;
  ContextSource context_;
  std::atomic<std::uint64_t> store_epoch_{1};
  Mutex mutex_;
  PromptLedger ledger_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
