// assist/recall/memory_evidence.h: the repository's own continuations, mixed into the model's next
// token.
//
// For contexts of n = 1, 2, ... tokens while they occur: p <- (1 - l_n) p + l_n q_n, where
// q_n(w) ~ count(w) + same_file count_in_this_file(w) and l_n is the gate's weight
// (assist/recall/gate.h), which asks what the model alone thinks. The answer is the whole of it:
// one weight and masses that sum to one. At most the 64 most frequent continuations of a context
// take part.
//
// Up to the cursor the context is the text as files spell it, and its last word may be half a word:
// then the continuations that go on with it take part, each as the token that spells what is left
// of it (or the longest beginning of that). Whether the word is whole or half is what agrees with
// more bytes of the text.
//
// Threads: confined to the engine thread.  Errors: none; a damaged memory says nothing.
#pragma once

#include <memory>
#include <span>

#include "assist/recall/context_spelling.h"
#include "assist/recall/gate.h"
#include "engine/evidence.h"
#include "engine/token_index.h"
#include "memory/engrams/lookup.h"

namespace engram {

// Sees what is asked, for the fit of a gate: on the engine thread, before the answer.
class EvidenceWatcher {
 public:
  virtual ~EvidenceWatcher() = default;
  // The contexts that occur, the longest first. `folds`: null where lines are not folded.
  virtual void asked(const ModelChances& model, std::span<const ContextMatch> matches,
                     const TokenIndex* folds) = 0;
};

// Of one request. `folds` where it stops at line ends, so that continuations count as one whatever
// follows their line end; null otherwise.
std::shared_ptr<Evidence> make_memory_evidence(std::shared_ptr<const EngramView> view,
                                               ContextSpelling spelling,
                                               std::shared_ptr<const TokenIndex> folds,
                                               const GateParameters& gate,
                                               std::shared_ptr<EvidenceWatcher> watcher = {});

}  // namespace engram
