// assist/completion/trace.h: what went into the last suggestions, for `engram why`.
//
// A trace is one JSON document: id, model, prompt as sent, facts, filters, timings. The last few
// lie in <store>/why/, a directory only its owner can read, and leave the machine with nobody.
//
// Threads: pure functions.  Errors: kNotFound when there is no such trace; a trace that cannot be
// written is lost without a word.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/completion.h"
#include "assist/completion/filters.h"
#include "assist/completion/plan.h"
#include "core/json.h"
#include "core/result.h"

namespace engram {

// What one suggestion was made of.
struct TraceParts {
  std::string_view id, model, layout, forced, generated;
  const CompletionRequest& request;
  const PromptPlan& plan;
  const std::vector<FilterNote>& notes;
  const CompletionResult& result;
};
json::object trace_of(const TraceParts& parts);

inline constexpr std::size_t kKeptTraces = 64;

void save_trace(const std::filesystem::path& store, std::string_view id, const json::value& trace);
// Empty id: the newest.
Result<json::value> load_trace(const std::filesystem::path& store, std::string_view id);

}  // namespace engram
