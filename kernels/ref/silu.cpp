#include <cmath>

#include "kernels/ref/ops.h"

namespace engram::ref {

void silu_multiply(const SiluArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    float* gate = args.gate + t * args.gate_stride;
    const float* up = args.up + t * args.up_stride;
    for (std::size_t i = 0; i < args.n_cols; ++i) {
      const double g = static_cast<double>(gate[i]);
      gate[i] = static_cast<float>(g / (1.0 + std::exp(-g)) * static_cast<double>(up[i]));
    }
  }
}

}  // namespace engram::ref
