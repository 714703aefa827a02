// kernels/packed_layout.h: the byte map of packed weights, shared by the packer and its readers.
//
// One block is 16 rows x 32 columns. "Steps" are its eight runs of four columns: step j holds, for
// row r at byte 4 r + i, the code of column 4 j + i; 64 bytes, one register.
//
//   kBytes     8 x 64: the codes of each step
//   nibbles    4 x 64: step s in the low, step s + 4 in the high half of each byte
//   fifth bits 8 x u64: bit 4 r + i is bit 4 of the code, one word a step
//   top pairs  2 x 64: byte of plane p holds bits 4-5 of steps 4 p + q at bit 2 q
//
// The scales of a block stand before its codes; types with two levels of scales have those of 256
// columns before eight blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/tensor_type.h"

namespace engram {

enum class PackedLayout : std::uint8_t {
  kHalf4,      // 16 f16 scales; nibbles                                     Q4_0
  kHalf4Min,   // 16 f16 scales, 16 f16 minima; nibbles                      Q4_1
  kHalf5,      // 16 f16 scales; nibbles, fifth bits                         Q5_0
  kHalf5Min,   // 16 f16 scales, 16 f16 minima; nibbles, fifth bits          Q5_1
  kHalf8,      // 16 f16 scales; bytes                                       Q8_0, IQ4_NL
  kSuper4Min,  // 16 f16 d, 16 f16 dmin; 8 x (16 u8 scales, 16 u8 minima; nibbles)   Q4_K
  kSuper5Min,  // the same with fifth bits                                   Q5_K
  kSuper6,     // 16 f16 d; 8 x (2 x 16 s8 scales; nibbles, top pairs)       Q6_K
  kWide,       // 2 x 16 f32 scales, 2 x 16 f32 minima; bytes                Q2_K Q3_K IQ4_XS MXFP4
  kFloat,      // no blocks: for each column 16 numbers of the type          F32 F16 BF16
};

struct LayoutTraits {
  std::size_t super_bytes;  // before each 256 columns
  std::size_t scale_bytes;  // before each block
  std::size_t code_bytes;   // of each block
};

constexpr PackedLayout layout_of(TensorType type) {
  switch (type) {
    case TensorType::kQ4_0:
      return PackedLayout::kHalf4;
    case TensorType::kQ4_1:
      return PackedLayout::kHalf4Min;
    case TensorType::kQ5_0:
      return PackedLayout::kHalf5;
    case TensorType::kQ5_1:
      return PackedLayout::kHalf5Min;
    case TensorType::kQ8_0:
    case TensorType::kIQ4_NL:
      return PackedLayout::kHalf8;
    case TensorType::kQ4_K:
      return PackedLayout::kSuper4Min;
    case TensorType::kQ5_K:
      return PackedLayout::kSuper5Min;
    case TensorType::kQ6_K:
      return PackedLayout::kSuper6;
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
      return PackedLayout::kFloat;
    default:
      return PackedLayout::kWide;
  }
}

constexpr LayoutTraits traits_of(PackedLayout layout) {
  switch (layout) {
    case PackedLayout::kHalf4:
      return {0, 32, 256};
    case PackedLayout::kHalf4Min:
      return {0, 64, 256};
    case PackedLayout::kHalf5:
      return {0, 32, 320};
    case PackedLayout::kHalf5Min:
      return {0, 64, 320};
    case PackedLayout::kHalf8:
      return {0, 32, 512};
    case PackedLayout::kSuper4Min:
      return {64, 32, 256};
    case PackedLayout::kSuper5Min:
      return {64, 32, 320};
    case PackedLayout::kSuper6:
      return {32, 32, 384};
    case PackedLayout::kWide:
      return {0, 256, 512};
    case PackedLayout::kFloat:
      break;
  }
  return {0, 0, 0};
}

}  // namespace engram
