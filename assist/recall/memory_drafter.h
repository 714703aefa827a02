// assist/recall/memory_drafter.h: guesses from the engram memory: how the repository went on where
// it stood as the text does now.
//
// The longest context that occurs gives its next tokens by count, then shorter ones, down to two
// tokens; each is followed from its first place, the file being written before others. A look-up
// and a few places: well below 0.3 ms a token.
//
// Threads: confined to the engine thread.  Errors: none; a damaged memory guesses nothing.
#pragma once

#include <memory>

#include "assist/recall/context_spelling.h"
#include "engine/drafter.h"
#include "memory/engrams/lookup.h"

namespace engram {

// Of one request.
std::shared_ptr<Drafter> make_memory_drafter(std::shared_ptr<const EngramView> view,
                                             ContextSpelling spelling);

}  // namespace engram
