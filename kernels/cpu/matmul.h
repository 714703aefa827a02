// kernels/cpu/matmul.h: the matmul of the table: by type and number of tokens to the code for it.
#pragma once

#include "kernels/cpu/matmul_few.h"
#include "kernels/cpu/matmul_float.h"
#include "kernels/cpu/matmul_many.h"
#include "kernels/cpu/packed_block.h"

namespace engram::ENGRAM_SIMD {
namespace {

// Up to here passes over the weights beat unpacking them to a panel.
constexpr std::size_t kFewTokens = kWholeIntegers ? 8 : 16;

template <class Format>
void multiply(const MatmulArgs& args) {
  const std::size_t group_bytes =
      args.w.cols / kBlock * Format::kBlockBytes + args.w.cols / 256 * Format::kSuperBytes;
  const bool few = args.n <= kFewTokens;
  const std::size_t step = (few ? 1 : kTileRows) * kRowGroup;
  for (std::size_t row = args.row_begin; row < args.row_end; row += step) {
    const std::byte* group = args.w.data + row / kRowGroup * group_bytes;
    const std::size_t n_groups = (args.row_end - row + kRowGroup - 1) / kRowGroup;
    if (few) {
      multiply_few<Format>(args, group, row);
    } else {
      multiply_many<Format, kTileRows>(args, group, group_bytes, row, n_groups);
    }
  }
}

inline void matmul(const MatmulArgs& args) {
  switch (args.w.type) {
    case TensorType::kF32:
      return multiply_floats<TensorType::kF32>(args);
    case TensorType::kF16:
      return multiply_floats<TensorType::kF16>(args);
    case TensorType::kBF16:
      return multiply_floats<TensorType::kBF16>(args);
    case TensorType::kQ4_0:
      return multiply<Half4>(args);
    case TensorType::kQ4_1:
      return multiply<Half4Min>(args);
    case TensorType::kQ5_0:
      return multiply<Half5>(args);
    case TensorType::kQ5_1:
      return multiply<Half5Min>(args);
    case TensorType::kQ8_0:
    case TensorType::kIQ4_NL:
      return multiply<Half8>(args);
    case TensorType::kQ4_K:
      return multiply<Super4Min>(args);
    case TensorType::kQ5_K:
      return multiply<Super5Min>(args);
    case TensorType::kQ6_K:
      return multiply<Super6>(args);
    case TensorType::kQ2_K:
      return multiply<WideMin>(args);
    case TensorType::kQ3_K:
    case TensorType::kIQ4_XS:
    case TensorType::kMXFP4:
      return multiply<Wide>(args);
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
