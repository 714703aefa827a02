#include <cmath>

#include "kernels/ref/ops.h"

namespace engram::ref {

void rms_norm(const RmsNormArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    const float* x = args.x + t * args.dim;
    double squares = 0;
    for (std::size_t i = 0; i < args.dim; ++i) squares += static_cast<double>(x[i]) * x[i];
    const double mean = squares / static_cast<double>(args.dim);
    const double scale = 1.0 / std::sqrt(mean + static_cast<double>(args.eps));
    for (std::size_t i = 0; i < args.dim; ++i) {
      args.y[t * args.dim + i] = static_cast<float>(static_cast<double>(x[i]) * scale *
                                                    static_cast<double>(args.weight[i]));
    }
  }
}

}  // namespace engram::ref
