// kernels/cpu/matmul_float.h: F32, F16 and BF16 weights times float activations.
//
// Column by column, 16 rows a register, sums in order of the columns for any number of tokens.
#pragma once

#include "kernels/cpu/matmul_few.h"
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
  const float* a = args.a.values + token * args.a.dim;
  Floats acc[tokens];
  for (Floats& sum : acc) sum = zero();
  for (std::size_t c = 0; c < args.w.cols; ++c, w += kStep) {
    const Floats weights = load_weights(type, w);
    for (int t = 0; t < tokens; ++t) {
      const Floats x = broadcast(a[static_cast<std::size_t>(t) * args.a.dim + c]);
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

}  // namespace
}  // namespace engram::ENGRAM_SIMD
