// bench/completion/asked_generation.h: one request to its end by logits from elsewhere: the
// choices, folding, evidence, probabilities and alternatives of the engine (engine/sampler.h), with
// guesses from prompt and output alone, and without grammars, thoughts and deadlines.
//
// Threads: confined; asks `model`, which may serve others at the same time.
// Errors: a result of kError.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "bench/completion/asked_model.h"
#include "engine/engine.h"
#include "engine/prompt_encoding.h"
#include "engine/token_index.h"

namespace engram {

// `sequence`: a number of its own. `prompt`: the request's, encoded.
GenerationResult generate_by_asking(AskedModel& model, std::uint64_t sequence,
                                    const std::shared_ptr<const TokenIndex>& index,
                                    const EncodedPrompt& prompt, const GenerationRequest& request,
                                    const std::function<void(std::string_view)>& on_piece,
                                    const std::stop_token& stop);

}  // namespace engram
