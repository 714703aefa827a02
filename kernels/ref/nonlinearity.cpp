#include <cmath>
#include <numbers>

#include "kernels/ref/ops.h"

namespace engram::ref {
namespace {

double apply(Nonlinearity f, double x) {
  if (f == Nonlinearity::kSilu) return x / (1.0 + std::exp(-x));
  const double inner = std::sqrt(2.0 * std::numbers::inv_pi) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1.0 + std::tanh(inner));
}

}  // namespace

void nonlinearity(const NonlinearityArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    float* gate = args.gate + t * args.gate_stride;
    const float* up = args.up == nullptr ? nullptr : args.up + t * args.up_stride;
    for (std::size_t i = 0; i < args.n_cols; ++i) {
      const double factor = up == nullptr ? 1.0 : static_cast<double>(up[i]);
      gate[i] = static_cast<float>(apply(args.f, static_cast<double>(gate[i])) * factor);
    }
  }
}

}  // namespace engram::ref
