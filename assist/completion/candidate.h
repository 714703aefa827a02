// assist/completion/candidate.h: from what the model wrote to an item worth showing, or the reason
// for none: cut, filtered, syntax-checked, scored.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "assist/completion/completion.h"
#include "assist/completion/filters.h"
#include "assist/completion/insertion_shape.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {

struct CandidateContext {
  FilterContext filter;
  InsertionShape shape;
  const SyntaxTree* tree = nullptr;  // nullptr: nothing is checked
  double min_confidence = 0;         // of the first line
};

struct Candidate {
  std::string text;    // empty when dropped
  std::string reason;  // why it was dropped
  std::string detail;
  Checked checked = Checked::kNone;
  double confidence = 0;
  std::vector<FilterNote> notes;
};

ShapeHints shape_hints(const CompletionRequest& request, const std::optional<SyntaxTree>& tree,
                       std::string_view language, std::size_t max_lines);

Candidate judge_generation(const CandidateContext& context, const GenerationResult& result);

// How likely the model holds the first `bytes` of the text, as a whole: the product of its tokens'
// chances, and where that is all of it, of its end there.
double chance_of(const GenerationResult& result, std::size_t bytes);

}  // namespace engram
