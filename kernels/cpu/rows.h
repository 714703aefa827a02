// kernels/cpu/rows.h: what happens to single rows between matmuls: norm, RoPE, SiLU, quantisation.
//
// A few microseconds a layer against hundreds in the matmuls: plain loops over sixteen lanes.
#pragma once

#include "kernels/activations.h"
#include "kernels/cpu/exponential.h"
#include "kernels/rms_norm.h"
#include "kernels/rope.h"
#include "kernels/silu.h"

namespace engram::ENGRAM_SIMD {
namespace {

inline float sum_of_squares(const float* x, std::size_t n) {
  Floats a = zero(), b = zero();  // two chains hide the latency of one
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const Floats first = load(x + i), second = load(x + i + 16);
    a = multiply_add(first, first, a);
    b = multiply_add(second, second, b);
  }
  for (; i < n; i += 16) {
    const Floats last = load_first(x + i, n - i);
    a = multiply_add(last, last, a);
  }
  return sum(a + b);
}

inline void rms_norm(const RmsNormArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    const float* x = args.x + t * args.dim;
    float* y = args.y + t * args.dim;
    const float mean = sum_of_squares(x, args.dim) / static_cast<float>(args.dim);
    const Floats scale = broadcast(1.0F / __builtin_sqrtf(mean + args.eps));
    for (std::size_t i = 0; i < args.dim; i += 16) {
      const std::size_t n = args.dim - i;
      store_first(y + i, load_first(x + i, n) * scale * load_first(args.weight + i, n), n);
    }
  }
}

inline void rotate(float& first, float& second, float cosine, float sine) {
  const float a = first, b = second;
  first = a * cosine - b * sine;
  second = b * cosine + a * sine;
}

inline void rope(const RopeArgs& args) {
  const std::size_t half = args.head_dim / 2;
  for (std::size_t t = 0; t < args.n; ++t) {
    const float* cosine = args.cosine + t * half;
    const float* sine = args.sine + t * half;
    for (std::size_t h = 0; h < args.n_heads; ++h) {
      float* x = args.x + t * args.x_stride + h * args.head_dim;
      if (args.pairs == RopePairs::kAdjacent) {
        for (std::size_t i = 0; i < half; ++i) rotate(x[2 * i], x[2 * i + 1], cosine[i], sine[i]);
      } else {
        for (std::size_t i = 0; i < half; ++i) rotate(x[i], x[i + half], cosine[i], sine[i]);
      }
    }
  }
}

inline void silu_multiply(const SiluArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    float* gate = args.gate + t * args.gate_stride;
    const float* up = args.up + t * args.up_stride;
    for (std::size_t i = 0; i < args.n_cols; i += 16) {
      const std::size_t n = args.n_cols - i;
      const Floats g = load_first(gate + i, n);
      const Floats denominator = broadcast(1.0F) + exponential(zero() - g);
      store_first(gate + i, g / denominator * load_first(up + i, n), n);
    }
  }
}

// The integers of activations.h: round(x / scale) = 255 * high + low with |low| <= 127.
inline void quantize_block(const Activations& a, std::size_t block) {
  constexpr float kMost = 127.0F * 255.0F;
  const float* x = a.values + block * kBlock;
  const Floats both = larger(magnitude(load(x)), magnitude(load(x + kHalfBlock)));
  // A block of subnormals counts as zeros: its scale would have no inverse.
  const float most = largest(both) > 1e-30F ? largest(both) : 0.0F;
  const Floats inverse = broadcast(most > 0 ? kMost / most : 0.0F);
  for (std::size_t h = 0; h < 2; ++h) {
    const Ints value = round(load(x + kHalfBlock * h) * inverse);
    const Ints high = round(to_floats(value) * broadcast(1.0F / 255.0F));
    store_s8(a.high + block * kBlock + kHalfBlock * h, high);
    store_s8(a.low + block * kBlock + kHalfBlock * h, value - times_255(high));
    a.total[2 * block + h] = sum(value);
  }
  a.scale[block] = most / kMost;
  a.sum[block] = a.scale[block] * static_cast<float>(a.total[2 * block] + a.total[2 * block + 1]);
}

inline void quantize(const QuantizeArgs& args) {
  const std::size_t blocks = args.a.dim / kBlock;
  for (std::size_t b = args.row_begin * blocks; b < args.row_end * blocks; ++b) {
    quantize_block(args.a, b);
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
