// kernels/cpu/rows.h: what happens to single rows between matmuls: norms, RoPE, nonlinearities,
// quantisation.
//
// A few microseconds a layer against hundreds in the matmuls: plain loops over sixteen lanes.
#pragma once

#include "kernels/activations.h"
#include "kernels/cpu/exponential.h"
#include "kernels/cpu/steps.h"
#include "kernels/layer_norm.h"
#include "kernels/nonlinearity.h"
#include "kernels/rms_norm.h"
#include "kernels/rope.h"

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

inline float total(const float* x, std::size_t n) {
  Floats a = zero();
  for (std::size_t i = 0; i < n; i += 16) a = a + load_first(x + i, n - i);
  return sum(a);
}

inline void layer_norm(const LayerNormArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    const float* x = args.x + t * args.dim;
    float* y = args.y + t * args.dim;
    const Floats mean = broadcast(total(x, args.dim) / static_cast<float>(args.dim));
    for (std::size_t i = 0; i < args.dim; i += 16) {
      const std::size_t n = args.dim - i;
      store_first(y + i, load_first(x + i, n) - mean, n);
    }
    const float variance = sum_of_squares(y, args.dim) / static_cast<float>(args.dim);
    const Floats scale = broadcast(1.0F / __builtin_sqrtf(variance + args.eps));
    for (std::size_t i = 0; i < args.dim; i += 16) {
      const std::size_t n = args.dim - i;
      const Floats weighted = load_first(y + i, n) * scale * load_first(args.weight + i, n);
      store_first(y + i, weighted + load_first(args.bias + i, n), n);
    }
  }
}

inline void rotate(float& first, float& second, float cosine, float sine) {
  const float a = first, b = second;
  first = a * cosine - b * sine;
  second = b * cosine + a * sine;
}

inline void rope(const RopeArgs& args) {
  const std::size_t half = args.dim / 2;
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

// Both are x / (1 + exp(-z)): z = x for SiLU.
template <Nonlinearity f>
inline Floats apply(Floats x) {
  Floats z = x;
  if constexpr (f == Nonlinearity::kGelu) {
    z = multiply_add(x * x * x, broadcast(kGeluCubic), x) * broadcast(kTwiceRootTwoOverPi);
  }
  return x / (broadcast(1.0F) + exponential(zero() - z));
}

template <Nonlinearity f>
inline void nonlinearity_of(const NonlinearityArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    float* gate = args.gate + t * args.gate_stride;
    const float* up = args.up == nullptr ? nullptr : args.up + t * args.up_stride;
    for (std::size_t i = 0; i < args.n_cols; i += 16) {
      const std::size_t n = args.n_cols - i;
      Floats y = apply<f>(load_first(gate + i, n));
      if (up != nullptr) y = y * load_first(up + i, n);
      store_first(gate + i, y, n);
    }
  }
}

inline void nonlinearity(const NonlinearityArgs& args) {
  args.f == Nonlinearity::kSilu ? nonlinearity_of<Nonlinearity::kSilu>(args)
                                : nonlinearity_of<Nonlinearity::kGelu>(args);
}

// NaN and infinities have no integers, and maxima lose NaN: the scale carries it on.
inline void quantize_unusable(const Activations& a, std::size_t block) {
  for (std::size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) a.high[i] = a.low[i] = 0;
  for (std::size_t half = 2 * block; half < 2 * block + 2; ++half) {
    store_whole(a.whole + half * kHalfBlock, integers(0));
  }
  a.total[2 * block] = a.total[2 * block + 1] = 0;
  a.refined[block] = 0;
  a.scale[block] = a.sum[block] = __builtin_nanf("");
}

// The integers of activations.h; `limit` is the largest magnitude of a block that is not refined.
inline void quantize_block(const Activations& a, std::size_t block, float limit) {
  const float* x = a.values + block * kBlock;
  const Floats halves[2] = {load(x), load(x + kHalfBlock)};
  if (!all_finite(halves[0]) || !all_finite(halves[1])) return quantize_unusable(a, block);
  const float most = largest(larger(magnitude(halves[0]), magnitude(halves[1])));
  // A block of subnormals counts as zeros: its scale would have no inverse.
  const bool empty = !(most > 1e-30F);
  const bool refined = most > limit;
  const Floats inverse = broadcast(empty ? 0.0F : 127.0F / most);
  for (std::size_t h = 0; h < 2; ++h) {
    const Floats scaled = halves[h] * inverse;
    const Ints high = round(scaled);
    const std::size_t half = 2 * block + h;
    Ints low = integers(0);
    if (refined) {
      low = round((scaled - to_floats(high)) * broadcast(255.0F));
      low = smaller(larger(low, integers(-127)), integers(127));
    }
    store_s8(a.high + half * kHalfBlock, high);
    store_s8(a.low + half * kHalfBlock, low);
    const Ints whole = refined ? times_255(high) + low : high;
    store_whole(a.whole + half * kHalfBlock, whole);
    a.total[half] = sum(whole);
  }
  a.refined[block] = refined ? 1 : 0;
  a.scale[block] = empty ? 0.0F : most / (refined ? 127.0F * 255.0F : 127.0F);
  a.sum[block] = a.scale[block] * static_cast<float>(a.total[2 * block] + a.total[2 * block + 1]);
}

inline void quantize(const QuantizeArgs& args) {
  const std::size_t dim = args.a.dim, blocks = dim / kBlock;
  for (std::size_t row = args.row_begin; row < args.row_end; ++row) {
    float limit = 0;
    if (args.refine_above > 0) {
      const float squares = sum_of_squares(args.a.values + row * dim, dim);
      limit = args.refine_above * __builtin_sqrtf(squares / static_cast<float>(dim));
    }
    for (std::size_t b = row * blocks; b < (row + 1) * blocks; ++b) {
      quantize_block(args.a, b, limit);
    }
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
