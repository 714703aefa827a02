// engine/model_config.h: the hyperparameters of a GGUF, checked against each other.
//
// Threads: pure function.  Errors: kCorrupt a key is missing, absurd or contradicts another
// (named); kInvalidArgument an unknown architecture (names it and the supported ones) or a feature
// of a known one that Engram does not compute (RoPE scaling, other head sizes).
#pragma once

#include "core/result.h"
#include "engine/gguf.h"
#include "engine/transformer.h"

namespace engram {

Result<ModelConfig> read_model_config(const GgufFile& file);

}  // namespace engram
