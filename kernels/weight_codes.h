// kernels/weight_codes.h: every block-quantised weight type as unsigned codes, scales and minima.
//
// All GGUF block types say one thing: value = scale * (code - offset) + minimum, where code is an
// unsigned byte and scale and minimum are shared by 16 or more neighbouring values. Taking a block
// apart this way is exact; dequantisation, packing for fast kernels and tests all build on it.
// F32, F16 and BF16 have no codes.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/tensor_type.h"

namespace engram {

inline constexpr std::size_t kCodesPerScale = 16;  // finest sharing of any type
inline constexpr std::size_t kMaxBlockValues = 256;

struct CodeTraits {
  int offset = 0;            // subtracted from every code
  bool has_minimum = false;  // false: minima are not added (not even as zero)
};

constexpr bool has_codes(TensorType type) { return traits_of(type).block_values > 1; }
CodeTraits code_traits(TensorType type);  // REQUIRES: has_codes(type)

// Codes of one block, in the order of the values: codes[0, block_values).
void read_codes(TensorType type, const std::byte* block, std::uint8_t* codes);

// Scales of one block, one for each 16 values: scales[0, block_values / 16), minima likewise
// (left alone for a type without minima). float arithmetic as the gguf package does it.
void read_scales(TensorType type, const std::byte* block, float* scales, float* minima);

// The eight 6-bit scales and minima of a Q4_K or Q5_K block, as integers.
void read_k_scales(const std::uint8_t packed[12], std::uint8_t scales[8], std::uint8_t minima[8]);

}  // namespace engram
