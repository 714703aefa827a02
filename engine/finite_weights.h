// engine/finite_weights.h: refuses a model whose weights hold NaN or infinity, when it is loaded.
//
// One such number makes every logit NaN; saying so at once, with the tensor and row, beats an error
// at each request. Only scales are read of block types.
//
// Threads: confined to the loading thread.  Errors: kCorrupt; kCancelled when the pool's stop was
// requested.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/result.h"
#include "engine/compute/compute_pool.h"
#include "engine/gguf.h"

namespace engram {

Result<void> check_finite(const GgufFile& file, std::span<const GgufTensor* const> tensors,
                          ComputePool& pool);

Error loading_cancelled();
// `what` ("cannot load") came to nothing because the file could not be read.
Error unreadable_error(std::string_view what, const GgufFile& file);
Error not_finite_error(const GgufFile& file, const GgufTensor& tensor, std::size_t row);

}  // namespace engram
