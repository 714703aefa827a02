// engine/drafter.h: guesses what a model will write next, to be verified several tokens at a time.
//
// A drafter follows one request: it is told the whole prompt first, with the bytes that what
// follows has to begin with, then every token that was chosen, and proposes chains of tokens that
// may follow. A wrong guess costs time and changes nothing (engine/generation.h). Sources here:
//
//   make_ngram_drafter    continues the longest ends of the sequence that occur earlier, in the
//                         prompt, in what was generated, or in texts given with the request
//   make_aligned_drafter  continues an old text that is being rewritten, and finds its place again
//                         after each difference; where bytes are forced it begins with them
//
// A caller may bring its own (GenerationRequest::drafter). Which of the chains are verified, and
// how much of each, is the controller's choice (engine/draft_controller.h).
//
// Threads: confined to the engine thread.  Errors: none; no guess is no chain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/token_history.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

// What a source has for one token of a guess.
struct DraftSupport {
  std::size_t matched = 0;   // tokens just before it that agree with the source
  std::uint32_t seen = 1;    // places with this token, ...
  std::uint32_t places = 1;  // ... of those the source has for that match or a longer one
};

struct Draft {
  std::vector<TokenId> tokens;  // never empty
  DraftSupport first{};
  std::vector<DraftSupport> later{};  // of the tokens after the first, as far as it is known
  std::size_t agreed = 0;  // tokens that another guess, or one that add_draft left out, has, too

  // Of token `depth`. Beyond what is known the places are taken to go on alike.
  DraftSupport support(std::size_t depth) const;
};

class Drafter {
 public:
  virtual ~Drafter() = default;
  virtual void begin(std::span<const TokenId> prompt, std::string_view forced) = 0;  // once, first
  virtual void observe(std::span<const TokenId> chosen) = 0;
  // At most `chains`, the likeliest first, of at most `most` tokens each; none begins another.
  virtual std::vector<Draft> draft(std::size_t most, std::size_t chains) const = 0;
};

// Of texts (history_of), which several requests may share; nullptr: none.
std::unique_ptr<Drafter> make_ngram_drafter(std::shared_ptr<const TokenHistory> texts);
std::unique_ptr<Drafter> make_aligned_drafter(std::vector<TokenId> old_text);

std::size_t common_prefix(std::span<const TokenId> a, std::span<const TokenId> b);

// Adds a chain behind those with a match as long, unless it begins one that is there, or one that
// is there begins it. What chains have in common is noted in both.
void add_draft(std::vector<Draft>& drafts, Draft draft);

}  // namespace engram
