// engine/drafter.h: guesses what a model will write next, to be verified several tokens at a time.
//
// A drafter follows one request: it is told the whole prompt first, then every token that was
// chosen, and proposes a chain of tokens that may follow. A wrong guess costs time and changes
// nothing (engine/generation.h). Sources here:
//
//   make_ngram_drafter    continues the longest end of the sequence that occurs earlier, in the
//                         prompt, in what was generated, or in texts given with the request
//   make_aligned_drafter  continues an old text that is being rewritten, and finds its place again
//                         after each difference
//
// Chains, not trees: attention sees one chain of pages a row, so a branch would be a sequence of
// its own, with a copy of the last KV page and rows for the trunk again.
// docs/design/004-serving.md.
//
// Threads: confined to the engine thread.  Errors: none; no guess is an empty chain.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

struct Draft {
  std::vector<TokenId> tokens;
  std::size_t matched = 0;  // tokens of the sequence that agree with the source just before
};

class Drafter {
 public:
  virtual ~Drafter() = default;
  virtual void observe(std::span<const TokenId> tokens) = 0;  // that were appended
  virtual Draft draft(std::size_t most) const = 0;            // at most `most` tokens
};

std::unique_ptr<Drafter> make_ngram_drafter(
    std::span<const std::shared_ptr<const std::vector<TokenId>>> texts);
std::unique_ptr<Drafter> make_aligned_drafter(std::vector<TokenId> old_text);

}  // namespace engram
