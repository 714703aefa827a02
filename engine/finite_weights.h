// engine/finite_weights.h: refuses a model whose weights hold NaN or infinity, when it is loaded.
//
// One such number makes every logit NaN; saying so at once, with the tensor and row, beats an error
// at each request. Only scales are read of block types.
//
// Threads: confined to the loading thread.  Errors: kCorrupt.
#pragma once

#include <cstddef>
#include <span>

#include "core/result.h"
#include "engine/compute/compute_pool.h"
#include "engine/gguf.h"

namespace engram {

Result<void> check_finite(const GgufFile& file, std::span<const GgufTensor* const> tensors,
                          ComputePool& pool);

Error not_finite_error(const GgufFile& file, const GgufTensor& tensor, std::size_t row);

}  // namespace engram
