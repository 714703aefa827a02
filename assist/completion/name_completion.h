// assist/completion/name_completion.h: suggestions that end a half-typed identifier, from the names
// of the repository and of the buffer: without a model, or after its own where several are wanted.
//
// Only the name is written: what comes after it is for the engrams or the model to say. Confidence
// is 0.9 of the name's share, about what was measured (docs/design/009-identifiers.md).
//
// Threads: thread-safe.  Errors: none; a store that is missing or damaged leaves the buffer.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "assist/completion/candidate.h"
#include "assist/completion/completion.h"
#include "assist/recall/known_names.h"
#include "core/sync.h"
#include "memory/catalogue.h"
#include "memory/identifiers/identifiers.h"

namespace engram {

class NameCompletion {
 public:
  explicit NameCompletion(const std::filesystem::path& store) { set_store(store); }
  void set_store(const std::filesystem::path& store);

  // Adds items for what is half-typed at the cursor, up to request.items and none twice; those that
  // memory wrote are ordered by the bytes that are likely right (confidence times length). Without
  // any the reason stays as it is. `known`, asked where a name is not near the cursor, says whether
  // there still is one; may be empty: always.
  using Known = std::function<std::shared_ptr<const KnownNames>()>;
  void complete(CandidateContext context, const CompletionRequest& request, const Known& known,
                CompletionResult& out);

 private:
  std::shared_ptr<const Identifiers> newest();
  std::unique_ptr<CatalogueReader> open_catalogue();  // null: no store, or none that can be read

  Mutex mutex_;
  std::filesystem::path store_ ENGRAM_GUARDED_BY(mutex_);
  std::unique_ptr<IdentifierReader> reader_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
