// assist/completion/memory_completion.h: suggestions by the engram memory, without a model: how the
// repository went on after the same text.
//
// Confidence is how often such a text was exactly right: by the length of the match, the share of
// the places that go on in this way, and its own length (docs/benchmarks/completion.md).
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/candidate.h"
#include "assist/completion/completion.h"
#include "assist/completion/line_view.h"
#include "assist/recall/recall_memory.h"

namespace engram {

// Best first. `above`: the text before the cursor; `multi_line`: on past the line's end.
struct MemorySuggestion {
  std::string text;
  std::uint32_t match_length = 0;  // tokens
  double share = 0;                // of the places looked at, those that go on like this
  std::vector<FactSource> sources;
};
// That `shown`, the beginning of the suggestion's text, is exactly right.
double memory_confidence(const MemorySuggestion& suggestion, std::string_view shown);

std::vector<MemorySuggestion> suggest_from_memory(const EngramView& view,
                                                  const Tokenizer& tokenizer,
                                                  std::string_view above, bool multi_line,
                                                  std::size_t most);

// An item that memory wrote, at `offset`. The caller adds certainty, sources and id.
CompletionItem memory_item(Candidate candidate, std::size_t offset, double confidence);

// Items for a place as a model's would be, through the same filters; without one, the reason.
// Their ids are for the caller to set.
void complete_from_memory(const EngramView& view, const Tokenizer& tokenizer,
                          CandidateContext context, const CompletionRequest& request,
                          CompletionResult& out);

// A second sign that an item is right: memory alone writes the same line. Says so in the item, and
// where it stands.
void note_agreement(const EngramView& view, const Tokenizer& tokenizer, const CursorView& cursor,
                    CompletionItem& item);

}  // namespace engram
