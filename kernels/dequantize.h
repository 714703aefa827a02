// kernels/dequantize.h: one row of a weight tensor as floats, exactly as GGUF defines the value.
//
// Works on any machine and for every TensorType; bit-equal to the gguf Python package. This is
// what "the weight" means to every other kernel.  Layouts: docs/kernels/formats.md.
//
// Threads: pure function.
#pragma once

#include <cstddef>

#include "kernels/tensor_type.h"

namespace engram {

// REQUIRES: n is a multiple of the type's block_values; src holds n / block_values blocks.
void dequantize_row(TensorType type, const std::byte* src, float* dst, std::size_t n);

// True when dequantize_row() would give neither NaN nor infinity, as far as the scales of the
// blocks tell: a scale close to the largest float could still overflow. Reads a fraction of the
// block.
bool all_finite(TensorType type, const std::byte* src, std::size_t n);

}  // namespace engram
