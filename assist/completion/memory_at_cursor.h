// assist/completion/memory_at_cursor.h: what the engram memory does for one completion.
//
// It guesses what the model is about to write (drafts), is mixed into the model's choice
// (evidence), says which names there are, and writes by itself where no model does, or a weak one.
//
// Threads: confined to one thread at a time.  Errors: none; a memory without anything does nothing.
#pragma once

#include <memory>
#include <string_view>

#include "assist/completion/memory_completion.h"
#include "assist/completion/model_format.h"
#include "assist/completion/unknown_members.h"

namespace engram {

class MemoryAtCursor {
 public:
  // All must outlive this.
  MemoryAtCursor(RecallMemory& memory, const RecallOptions& options,
                 const CompletionRequest& request, const CursorView& cursor)
      : memory_(memory), options_(options), request_(request), cursor_(cursor) {}

  // What is remembered here: the line up to the cursor is left out of the buffer. Made when first
  // asked for, as are the names.
  const std::shared_ptr<const EngramView>& view();
  const std::shared_ptr<const KnownNames>& names();

  // Guesses and evidence, as far as the options say, for a prompt whose text above the cursor is
  // `prefix`.
  void add_to(GenerationRequest& generation, const ModelFormat& format, std::string_view prefix);

  // complete_from_memory() here.
  void complete(const CandidateContext& context, CompletionResult& out);
  // Items that are not there yet, as far as memory is surer of them than `context` demands.
  void add_what_is_sure(const CandidateContext& context, CompletionResult& out);
  // As the function of this name in memory_completion.h.
  void note_agreement(CompletionItem& item);

 private:
  RecallMemory::Place place() const;

  RecallMemory& memory_;
  const RecallOptions& options_;
  const CompletionRequest& request_;
  const CursorView& cursor_;
  std::shared_ptr<const EngramView> view_;
  std::shared_ptr<const KnownNames> names_;
};

}  // namespace engram
