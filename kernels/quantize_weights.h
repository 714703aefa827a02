// kernels/quantize_weights.h: rows of floats as GGUF blocks; dequantize.h reads them back.
//
//   F32 F16 BF16   rounded to nearest even
//   Q8_0           nearest, scale = largest / 127: the bytes that the gguf package writes
//   Q4_0 Q4_1      scale (and minimum) searched for the least squared error of each 32 values
//   Q4_K Q6_K      the same for each run of 32 and 16 values; then 6- and 8-bit integers for the
//                  scales are chosen next to their rounding, again for the least error
//
// Squared errors against other quantisers: docs/kernels/formats.md. Layouts: the same.
//
// Threads: pure functions; rows are independent, so the bytes never depend on how they are split.
#pragma once

#include <cstddef>

#include "kernels/tensor_type.h"

namespace engram {

bool can_quantize(TensorType type);

// Largest magnitude that every type here can hold; a row with more, or with NaN, is refused by the
// caller.
inline constexpr float kMostQuantizable = 65504.0F;

// REQUIRES: can_quantize(type); n a multiple of its block_values; values finite and of at most
// kMostQuantizable (F32: any). Writes n / block_values blocks.
void quantize_row(TensorType type, const float* src, std::byte* dst, std::size_t n);

}  // namespace engram
