#include <cmath>

#include "kernels/ref/ops.h"

namespace engram::ref {

void layer_norm(const LayerNormArgs& args) {
  const auto dim = static_cast<double>(args.dim);
  for (std::size_t t = 0; t < args.n; ++t) {
    const float* x = args.x + t * args.dim;
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < args.dim; ++i) sum += static_cast<double>(x[i]);
    const double mean = sum / dim;
    for (std::size_t i = 0; i < args.dim; ++i) {
      const double d = static_cast<double>(x[i]) - mean;
      squares += d * d;
    }
    const double scale = 1.0 / std::sqrt(squares / dim + static_cast<double>(args.eps));
    for (std::size_t i = 0; i < args.dim; ++i) {
      const double y = (static_cast<double>(x[i]) - mean) * scale;
      args.y[t * args.dim + i] = static_cast<float>(y * static_cast<double>(args.weight[i]) +
                                                    static_cast<double>(args.bias[i]));
    }
  }
}

}  // namespace engram::ref
