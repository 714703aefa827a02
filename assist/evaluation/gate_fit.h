// assist/evaluation/gate_fit.h: the gate's six numbers (assist/recall/gate.h), fitted to texts.
//
// What counts is the mean number of bits that a token of the truth costs under the mixture; its
// gradient is followed (Adam) from the numbers given. `same_file` and `orders` stay as they are.
//
// Threads: pure functions.  Errors: none; no tokens leave the numbers as they were.
#pragma once

#include <span>
#include <vector>

#include "assist/recall/gate.h"

namespace engram {

// One token of a truth, as it was before it was chosen.
struct GateToken {
  struct Context {
    GateFeatures features;
    double share = 0;  // of what followed this context, in memory
  };
  double model = 0;               // its chance by the model alone
  std::vector<Context> contexts;  // those that occur, the shortest first
};

// Mean bits a token. Nothing is quite impossible: a chance is 1e-9 at least.
double gate_bits(const GateParameters& gate, std::span<const GateToken> tokens);
double model_bits(std::span<const GateToken> tokens);

GateParameters fit_gate(std::span<const GateToken> tokens, const GateParameters& from);

}  // namespace engram
