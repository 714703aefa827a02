// assist/evaluation/gate_samples.h: what model and memory thought of each token that was hidden,
// for the fit of a gate.
//
// The prompt is the file's alone, the text below the cursor is remembered. A place's first token,
// which may be half typed, is left out.
//
// Threads: blocks its caller.  Errors: those of Completer::score; kCancelled after stop.
#pragma once

#include <stop_token>
#include <vector>

#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/gate_fit.h"
#include "assist/evaluation/hidden_places.h"

namespace engram {

// REQUIRES: setup.engine. setup.gate says what weighs a place in the same file, and the orders.
Result<std::vector<GateToken>> gate_tokens(const EvaluationSetup& setup,
                                           const std::vector<HiddenPlace>& places,
                                           std::stop_token stop);

}  // namespace engram
