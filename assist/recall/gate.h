// assist/recall/gate.h: how much a context's continuations in the repository are to be believed.
//
//   logit l = bias + occurrences ln C + distinct ln T + certain [T = 1]
//             + agreement p_model(top) + confidence max p_model
//
// C: how often the context occurs, T: how many different tokens follow it, top: the likeliest of
// them. The six numbers were fitted on leveldb with SmolLM2-135M and transferred to four other
// projects and two Qwen2.5-Coder models without loss (docs/design/007-recall.md);
// `engram eval --fit-gate` writes others. What weighs a continuation in the same file and how long
// contexts may be are settings of the same study, not fitted.
//
// Threads: plain values.  Errors: kCorrupt naming file and key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace engram {

struct GateParameters {
  double bias = -1.62;
  double occurrences = 0.60;
  double distinct = -1.05;
  double certain = 0.62;
  double agreement = 1.67;
  double confidence = -2.63;
  double same_file = 4;     // more counts of a continuation seen in the file being written
  std::size_t orders = 16;  // contexts of 1 to so many tokens
};

struct GateFeatures {
  std::uint64_t occurrences = 0, distinct = 0;  // C, T; at least 1
  double top = 0, most = 0;                     // the model's chance of `top`, and of its likeliest
};

double gate_weight(const GateParameters& parameters, const GateFeatures& features);  // in (0, 1)

// JSON: an object with some of the names above; what it lacks is as built in.
Result<GateParameters> load_gate(const std::filesystem::path& file);
std::string gate_json(const GateParameters& parameters);

}  // namespace engram
