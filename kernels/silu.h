// kernels/silu.h: gate[i] = silu(gate[i]) * up[i], silu(x) = x / (1 + exp(-x)).
//
// Rows of n_cols values, gate_stride and up_stride apart.  Threads: pure.
#pragma once

#include <cstddef>

namespace engram {

struct SiluArgs {
  float* gate = nullptr;
  const float* up = nullptr;
  std::size_t n = 0, n_cols = 0, gate_stride = 0, up_stride = 0;
};

}  // namespace engram
