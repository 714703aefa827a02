// assist/recall/memory_drafter.h: guesses from the engram memory: how the repository went on where
// it stood as the text does now.
//
// The longest context that occurs gives its next tokens by count, then shorter ones; each goes on
// as most places do, which is looked up token by token, and where one is left as that does. So each
// token has its share of the places. At most 24 look-ups and a few places beside the question for
// the place itself: 50 to 70 us a token, 120 to 190 among 132 M (docs/benchmarks/completion.md).
// Where the text ends inside a word, the guess is the rest of it (assist/recall/place_matches.h).
//
// How much a match is worth depends on what is written. Where memory is mixed into it, as much as
// one in the prompt; a plain model follows what it sees, so that only long matches are offered
// then, behind all but the prompt's shortest (docs/design/007-recall.md).
//
// Threads: confined to the engine thread.  Errors: none; a damaged memory guesses nothing.
#pragma once

#include <memory>

#include "assist/recall/context_spelling.h"
#include "engine/drafter.h"
#include "memory/engrams/lookup.h"

namespace engram {

struct MatchWorth {
  std::size_t least = 2, most = kMaxEngramContext;  // tokens: offered from, counted up to
};
inline constexpr MatchWorth kSeenByModel{};  // memory is mixed in
inline constexpr MatchWorth kUnseen{.least = 6, .most = 2};

// Of one request. Where the spelling has no index, what is forced is not looked at.
std::shared_ptr<Drafter> make_memory_drafter(std::shared_ptr<const EngramView> view,
                                             ContextSpelling spelling,
                                             const MatchWorth& worth = kSeenByModel);

}  // namespace engram
