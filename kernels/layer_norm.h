// kernels/layer_norm.h: y[t] = (x[t] - mean(x[t])) / sqrt(variance(x[t]) + eps) * weight + bias.
//
// x, y: [n, dim], may not alias. The variance is of the values less their mean, not of squares.
// ref sums in double; the others in float, in an order fixed by dim.  Threads: pure.
#pragma once

#include <cstddef>

namespace engram {

struct LayerNormArgs {
  const float* x = nullptr;
  float* y = nullptr;
  const float* weight = nullptr;  // [dim]
  const float* bias = nullptr;    // [dim]
  std::size_t n = 0, dim = 0;
  float eps = 0;
};

}  // namespace engram
