// kernels/cpu/float_matmul.h: F32, F16 and BF16 weights times float activations.
//
// Column by column, 16 rows a register, sums in order of the columns for any number of tokens.
#pragma once

#include "kernels/matmul.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr int kFloatTokens = 8;

inline Floats load_weights(TensorType type, const std::byte* p) {
  if (type == TensorType::kF16) return load_half(p);
  if (type == TensorType::kBF16) return load_bfloat(p);
  return load(reinterpret_cast<const float*>(p));
}

template <TensorType type, int tokens>
void multiply_float_group(const MatmulArgs& args, std::size_t row, std::size_t token) {
  constexpr std::size_t kStep = kRowGroup * traits_of(type).block_bytes;
  const std::byte* w = args.w.data + row / kRowGroup * args.w.cols * kStep;
  const float* a = args.a.values + token * args.w.cols;
  Floats acc[tokens];
  for (Floats& sum : acc) sum = zero();
  for (std::size_t c = 0; c < args.w.cols; ++c, w += kStep) {
    const Floats weights = load_weights(type, w);
    for (int t = 0; t < tokens; ++t) {
      const Floats x = broadcast(a[static_cast<std::size_t>(t) * args.w.cols + c]);
      acc[t] = multiply_add(weights, x, acc[t]);
    }
  }
  for (int t = 0; t < tokens; ++t) {
    write_rows(args, row, token + static_cast<std::size_t>(t), acc[t]);
  }
}

template <TensorType type>
void multiply_floats(const MatmulArgs& args) {
  for (std::size_t row = args.row_begin; row < args.row_end; row += kRowGroup) {
    std::size_t t = 0;
    for (; t + kFloatTokens <= args.n; t += kFloatTokens) {
      multiply_float_group<type, kFloatTokens>(args, row, t);
    }
    for (; t < args.n; ++t) multiply_float_group<type, 1>(args, row, t);
  }
}

// The entry of the table: by type to the code for its layout.
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
