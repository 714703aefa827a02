// assist/completion/completion_run.h: one request on its way from a place to suggestions.
//
// Threads: confined to one thread at a time.  Errors: none; a result without items says why.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "assist/completion/candidate.h"
#include "assist/completion/completion.h"
#include "assist/completion/document_state.h"
#include "assist/completion/line_view.h"
#include "assist/completion/memory_at_cursor.h"
#include "assist/completion/prompt_planner.h"

namespace engram {

inline double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

// Where something is to be written.
struct CompletionPlace {
  const CompletionRequest* request = nullptr;
  CursorView cursor;
  std::shared_ptr<DocumentState> document;
};

// How long a person waits: for the prompt of a new place, for lines after the first, for a line
// that may be likelier than the one known, for the whole.
struct Patience {
  PlanningPatience planning;
  std::chrono::milliseconds more_lines, likelier_line;
  std::chrono::milliseconds whole;
};

// A completer's parts as its runs use them; all outlive these.
struct CompletionParts {
  Engine* engine;  // null: memory alone
  const CompleterOptions& options;
  const ModelFormat& format;
  PromptPlanner* planner;  // with an engine
  std::filesystem::path store;
};

class CompletionRun {
 public:
  // `place` outlives the run.
  CompletionRun(CompletionParts parts, const CompletionPlace& place, const Patience& patience,
                std::optional<MemoryAtCursor> at_cursor)
      : memory(std::move(at_cursor)),
        parts_(std::move(parts)),
        place_(place),
        patience_(patience) {}

  // Known before anything is written; `plan` with an engine.
  std::optional<MemoryAtCursor> memory;
  std::shared_ptr<const PromptPlan> plan;
  InsertionShape shape;
  std::optional<SyntaxTree> tree;
  std::string language;
  std::string id;

  // Gives the items their ids, which begin with the run's.
  void number_items(CompletionResult& out) const;
  // What is demanded of a suggestion by the model, else by memory.
  CandidateContext candidate_context(bool model) const;
  // REQUIRES: an engine. Adds what the model writes, likelier items first, and the times it took.
  void generate_items(CompletionResult& out, std::stop_token stop);
  // Keeps what went into the result for `engram why`, where that is wanted. REQUIRES: an engine.
  void save_trace_of(const CompletionResult& out) const;

 private:
  struct Written {
    GenerationResult best;
    std::optional<GenerationResult> first;  // where `best` replaces it
  };
  GenerationRequest request_of(std::size_t attempt);
  Written generate_one(std::size_t attempt, std::stop_token stop);
  Written likelier_line(GenerationResult written, std::stop_token stop);
  Candidate judge(const CandidateContext& context, const GenerationResult& result);
  void doubt_unknown_members(const GenerationResult& result, Candidate& candidate);
  CompletionItem item_of(Candidate candidate);

  const CompletionParts parts_;
  const CompletionPlace& place_;
  const Patience patience_;
  std::vector<FilterNote> notes_;  // of all attempts
  std::string raw_;                // what the model wrote first
};

}  // namespace engram
