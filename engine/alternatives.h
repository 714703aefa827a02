// engine/alternatives.h: the tokens that could have followed instead of those that were chosen.
//
// Threads: pure.  Errors: none.
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/engine.h"
#include "engine/sampler.h"

namespace engram {

// Adds to `result` what the sampler could have chosen last: at most `most` tokens after `text`,
// while `forced` was still to be spelled.
// REQUIRES: what it did choose is not in the result's log-probability yet.
void add_alternatives(const Sampler& sampler, const Tokenizer& tokenizer, std::size_t most,
                      std::string_view forced, std::string_view text, GenerationResult& result);

}  // namespace engram
