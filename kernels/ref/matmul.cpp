#include <algorithm>

#include "kernels/dequantize.h"
#include "kernels/ref/ops.h"

namespace engram {

// A weight row as floats (ref), or a panel and the sums of its tokens.
std::size_t matmul_scratch_bytes(std::size_t cols) {
  constexpr std::size_t kSums = kPanelTokens * kPanelGroups * kRowGroup * sizeof(float);
  return std::max(cols * sizeof(float), kPanelBytes + kSums);
}

namespace ref {
namespace {

// Eight interleaved sums: as exact as one, and the compiler may keep them in vectors.
double dot(const float* a, const float* b, std::size_t n) {
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) {
      lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  for (; i < n; ++i) lanes[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

void matmul(const MatmulArgs& args) {
  const Matrix& w = args.w;
  const TensorTypeTraits& traits = traits_of(w.type);
  const std::size_t row_bytes = w.cols / traits.block_values * traits.block_bytes;
  auto* row = reinterpret_cast<float*>(args.scratch);
  for (std::size_t r = args.row_begin; r < args.row_end; ++r) {
    dequantize_row(w.type, w.data + r * row_bytes, row, w.cols);
    for (std::size_t t = 0; t < args.n; ++t) {
      double value = dot(row, args.a.values + t * args.a.dim, w.cols);
      if (args.bias != nullptr) value += static_cast<double>(args.bias[r]);
      float& y = args.y[t * args.y_stride + r - args.row_begin];
      if (args.add) value += static_cast<double>(y);
      y = static_cast<float>(value);
    }
  }
}

}  // namespace ref
}  // namespace engram
