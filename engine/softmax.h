// engine/softmax.h: passes over all logits of a vocabulary, written so that compilers vectorise.
//
// The same input gives the same bits on every machine: fixed lanes, fixed order, no library exp.
//
// Threads: pure functions.  Errors: see relative_probabilities.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace engram {

// out[i] = exp(logits[i] - largest), to 2e-7 relative, 0 where that is below 1e-37. Returns the
// sum; nullopt when a logit is NaN or +inf, or all are -inf.  REQUIRES: same sizes.
std::optional<double> relative_probabilities(std::span<const float> logits, std::span<float> out);

// Position of the largest value, the first among equals.  REQUIRES: not empty, no NaN.
std::size_t position_of_largest(std::span<const float> values);

}  // namespace engram
