#include "kernels/ref/ops.h"

namespace engram::ref {
namespace {

void rotate(float& first, float& second, float cosine, float sine) {
  const float a = first, b = second;
  first = a * cosine - b * sine;
  second = b * cosine + a * sine;
}

}  // namespace

void rope(const RopeArgs& args) {
  const std::size_t half = args.dim / 2;
  for (std::size_t t = 0; t < args.n; ++t) {
    const float* cosine = args.cosine + t * half;
    const float* sine = args.sine + t * half;
    for (std::size_t h = 0; h < args.n_heads; ++h) {
      float* x = args.x + t * args.x_stride + h * args.head_dim;
      for (std::size_t i = 0; i < half; ++i) {
        if (args.pairs == RopePairs::kAdjacent) {
          rotate(x[2 * i], x[2 * i + 1], cosine[i], sine[i]);
        } else {
          rotate(x[i], x[i + half], cosine[i], sine[i]);
        }
      }
    }
  }
}

}  // namespace engram::ref
