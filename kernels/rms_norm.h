// kernels/rms_norm.h: y[t] = x[t] / sqrt(mean(x[t]^2) + eps) * weight.
//
// x, y: [n, dim], may not alias. ref sums in double; the others in float, in an order fixed by dim.
// Threads: pure.
#pragma once

#include <cstddef>

namespace engram {

struct RmsNormArgs {
  const float* x = nullptr;
  float* y = nullptr;
  const float* weight = nullptr;  // [dim]
  std::size_t n = 0, dim = 0;
  float eps = 0;
};

}  // namespace engram
