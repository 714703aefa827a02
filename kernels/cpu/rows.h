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

// The integers of activations.h. 255 h + l reaches every 16-bit step with |l| <= 127.
inline void quantize_coarse(const Activations& a, std::size_t block, std::size_t q, float most) {
  const Floats inverse = broadcast(most > 0 ? 127.0F / most : 0.0F);
  std::int32_t total = 0;
  for (std::size_t h = 0; h < 2; ++h) {
    const Ints high = round(load(a.values + q + kHalfBlock * h) * inverse);
    store_s8(a.high + q + kHalfBlock * h, high);
    total += a.high_sum[2 * block + h] = sum(high);
  }
  a.scale[block] = most / 127.0F;
  a.sum[block] = a.scale[block] * static_cast<float>(total);
  a.fine[block] = 0;
}

inline void quantize_fine(const Activations& a, std::size_t block, std::size_t q, float most) {
  constexpr float kMost = 127.0F * 255.0F;
  const Floats inverse = broadcast(kMost / most);
  std::int32_t total = 0;
  for (std::size_t h = 0; h < 2; ++h) {
    const Ints both = round(load(a.values + q + kHalfBlock * h) * inverse);
    const Ints high = round(to_floats(both) * broadcast(1.0F / 255.0F));
    const Ints low = both - times_255(high);
    store_s8(a.high + q + kHalfBlock * h, high);
    store_s8(a.low + q + kHalfBlock * h, low);
    a.high_sum[2 * block + h] = sum(high);
    a.low_sum[2 * block + h] = sum(low);
    total += sum(both);
  }
  a.scale[block] = most / kMost;
  a.sum[block] = a.scale[block] * static_cast<float>(total);
  a.fine[block] = 1;
}

inline void quantize(const QuantizeArgs& args) {
  const Activations& a = args.a;
  const std::size_t blocks = a.dim / kBlock;
  for (std::size_t t = args.row_begin; t < args.row_end; ++t) {
    const float* x = a.values + t * a.dim;
    const float block_energy = sum_of_squares(x, a.dim) / static_cast<float>(blocks);
    // Rounding spreads evenly over +-scale / 2: variance scale^2 / 12 for each of 32 values.
    const float most_noise = args.tolerance * block_energy * (12.0F / kBlock);
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t q = t * a.dim + b * kBlock;
      const float most = largest(
          larger(magnitude(load(a.values + q)), magnitude(load(a.values + q + kHalfBlock))));
      const float coarse = most / 127.0F;
      // A block of subnormals stays coarse: its fine scale would have no inverse.
      if (coarse * coarse > most_noise && most > 1e-30F) {
        quantize_fine(a, t * blocks + b, q, most);
      } else {
        quantize_coarse(a, t * blocks + b, q, most > 1e-30F ? most : 0.0F);
      }
    }
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
