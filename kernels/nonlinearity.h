// kernels/nonlinearity.h: gate[i] = f(gate[i]) * up[i], or f(gate[i]) where there is no up.
//
// silu(x) = x / (1 + exp(-x)); gelu(x) = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the
// form models are trained with, which is x / (1 + exp(-2 sqrt(2 / pi) (x + 0.044715 x^3))). Rows of
// n_cols values, gate_stride and up_stride apart.  Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

enum class Nonlinearity : std::uint8_t { kSilu, kGelu };

inline constexpr float kGeluCubic = 0.044715F;
inline constexpr float kTwiceRootTwoOverPi = 1.5957691216F;

struct NonlinearityArgs {
  Nonlinearity f = Nonlinearity::kSilu;
  float* gate = nullptr;
  const float* up = nullptr;  // or none
  std::size_t n = 0, n_cols = 0, gate_stride = 0, up_stride = 0;
};

}  // namespace engram
