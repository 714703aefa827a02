// assist/completion/likelier_line.h: a line that is likelier than the one whose every token was the
// likeliest.
//
// Greedy decoding goes on with the likeliest token even where all that can follow it is unlikely.
// If some other choice on its way (GenerationResult::alternatives) is, with all before it, likelier
// than the whole line became, the best line may begin with that choice. It is followed greedily,
// only as long as it stays likelier than the line known: the first step of a best-first search, and
// most of its gain (docs/benchmarks/completion.md). Short lines are likelier than long ones, so the
// other line must also be worth more: its chance times its length.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <optional>

#include "engine/engine.h"

namespace engram {

// Where a likelier line may leave the one written; nullopt: no choice there could make one.
std::optional<Alternative> likelier_choice(const GenerationResult& written);

// What asks for the rest of a line that `choice` begins. `request` is what `written` answered.
GenerationRequest rest_after(GenerationRequest request, const GenerationResult& written,
                             const Alternative& choice);

// The better of the line written and the one that leaves it with `choice` and goes on with `rest`;
// nullptr where the choice ended the line. Work done is that of both.
GenerationResult better_of(GenerationResult written, const Alternative& choice,
                           const GenerationResult* rest);

}  // namespace engram
