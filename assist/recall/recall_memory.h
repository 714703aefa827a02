// assist/recall/recall_memory.h: the engram memory of a workspace, as one completion after another
// uses it.
//
// A view is the store's newest state with the buffer, 32 KB each way, in place of its saved file,
// and with other open documents that were edited in place of theirs. Reading the buffer costs
// milliseconds, so a view is kept as long as nothing in it changed: while keys are typed on one
// line, the line up to the cursor being left out of it.
//
// Threads: thread-safe.  Errors: none; a store that is missing, damaged or of another tokenizer
// leaves the buffer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assist/recall/edited_documents.h"
#include "assist/recall/gate.h"
#include "assist/recall/known_names.h"
#include "assist/recall/memory_evidence.h"
#include "core/sync.h"
#include "engine/token_index.h"
#include "memory/engrams/lookup.h"
#include "memory/engrams/store.h"

namespace engram {

struct RecallOptions {
  bool drafts = true;        // guesses to verify: never changes what is written
  bool evidence = true;      // mixed into the model's choice
  bool below_cursor = true;  // the text there is remembered
  GateParameters gate;
  std::shared_ptr<EvidenceWatcher> watcher{};  // sees what evidence is asked; may be null
};

class RecallMemory {
 public:
  RecallMemory(std::shared_ptr<const Tokenizer> tokenizer, const std::filesystem::path& store);
  void set_store(const std::filesystem::path& store);

  struct Place {
    std::string_view path, text;
    std::size_t begin = 0, end = 0;  // of the text, left out: from the line's start to the cursor
    std::vector<std::string> excluded_paths{};  // files that are not to be recalled
    std::span<const OpenBuffer> open{};         // other documents of the editor
    bool below_cursor = true;
  };
  std::shared_ptr<const EngramView> view(const Place& place);
  // Names of the same: the repository's and the text's, of what is left out none.
  std::shared_ptr<const KnownNames> names(const Place& place);

  const Tokenizer& tokenizer() const { return *tokenizer_; }
  std::shared_ptr<const TokenIndex> index();  // of the tokenizer, made when first asked for

 private:
  // What was made of a place and one state of the store; the newest stands last.
  template <class State, class Made>
  struct Kept {
    std::uint64_t key = 0;
    std::shared_ptr<const State> state;
    std::shared_ptr<const Made> made;
  };
  using KeptViews = std::vector<Kept<EngramSnapshot, EngramView>>;
  using KeptNames = std::vector<Kept<Identifiers, KnownNames>>;
  std::shared_ptr<const EngramSnapshot> newest() ENGRAM_REQUIRES(mutex_);
  EditedDocuments::All edited_beside(const Place& place, const EngramSnapshot* snapshot)
      ENGRAM_REQUIRES(mutex_);

  const std::shared_ptr<const Tokenizer> tokenizer_;
  Mutex mutex_;
  std::filesystem::path store_ ENGRAM_GUARDED_BY(mutex_);
  std::shared_ptr<const EngramVocabulary> vocabulary_ ENGRAM_GUARDED_BY(mutex_);
  std::unique_ptr<EngramReader> reader_ ENGRAM_GUARDED_BY(mutex_);
  std::shared_ptr<const TokenIndex> index_ ENGRAM_GUARDED_BY(mutex_);
  EditedDocuments edited_ ENGRAM_GUARDED_BY(mutex_);
  KeptViews views_ ENGRAM_GUARDED_BY(mutex_);
  std::unique_ptr<IdentifierReader> identifiers_ ENGRAM_GUARDED_BY(mutex_);
  KeptNames names_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
