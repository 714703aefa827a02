// assist/completion/document_state.h: what is kept about one open document between requests: its
// syntax tree, the plan of its prompt, and the facts chosen for the place.
//
// Threads: a state is guarded by its own mutex, which its user takes; Documents is thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/earlier_suggestion.h"
#include "assist/completion/plan.h"
#include "core/sync.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {

struct DocumentState {
  Mutex mutex;
  std::string language ENGRAM_GUARDED_BY(mutex);
  std::string secret ENGRAM_GUARDED_BY(mutex);  // why nothing is shown to the model; or empty
  std::uint64_t inspected ENGRAM_GUARDED_BY(mutex) = 0;  // hash of what `secret` is about
  std::optional<SyntaxTree> tree ENGRAM_GUARDED_BY(mutex);

  std::shared_ptr<const PromptPlan> plan ENGRAM_GUARDED_BY(mutex);
  std::shared_ptr<const PromptPlan> warming ENGRAM_GUARDED_BY(mutex);  // being prefilled when idle
  EarlierSuggestion earlier ENGRAM_GUARDED_BY(mutex);

  // Facts stay the same while the cursor stays near: they are the front of the prompt.
  std::vector<PromptSnippet> snippets ENGRAM_GUARDED_BY(mutex);
  bool facts_complete ENGRAM_GUARDED_BY(mutex) = false;
  std::size_t facts_line ENGRAM_GUARDED_BY(mutex) = 0;
  std::uint64_t facts_epoch ENGRAM_GUARDED_BY(mutex) = 0;  // of the store they are from; 0: none
};

// Brings language, secret and tree up to date with `text`.
void update_document(DocumentState& document, std::string_view path, std::string_view language,
                     std::string_view text) ENGRAM_REQUIRES(document.mutex);

// The most recently used few.
class Documents {
 public:
  std::shared_ptr<DocumentState> get(const std::string& path);

 private:
  Mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<DocumentState>>> open_
      ENGRAM_GUARDED_BY(mutex_);  // newest last
};

}  // namespace engram
