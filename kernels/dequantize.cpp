#include "kernels/dequantize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "kernels/half.h"
#include "kernels/weight_codes.h"

namespace engram {
namespace {

template <class Number, class Convert>
void convert_row(const std::byte* src, float* dst, std::size_t n, Convert convert) {
  for (std::size_t i = 0; i < n; ++i) {
    Number number;  // file data has no alignment to rely on
    std::memcpy(&number, src + i * sizeof(Number), sizeof(Number));
    dst[i] = convert(number);
  }
}

void dequantize_block(TensorType type, const std::byte* block, float* dst, std::size_t n) {
  std::uint8_t codes[kMaxBlockValues];
  float scales[kMaxBlockValues / kCodesPerScale], minima[kMaxBlockValues / kCodesPerScale];
  const CodeTraits traits = code_traits(type);
  read_codes(type, block, codes);
  read_scales(type, block, scales, minima);
  for (std::size_t i = 0; i < n; ++i) {
    const float product = scales[i / kCodesPerScale] * static_cast<float>(codes[i] - traits.offset);
    dst[i] = traits.has_minimum ? product + minima[i / kCodesPerScale] : product;
  }
}

}  // namespace

void dequantize_row(TensorType type, const std::byte* src, float* dst, std::size_t n) {
  switch (type) {
    case TensorType::kF32:
      std::memcpy(dst, src, n * sizeof(float));
      return;
    case TensorType::kF16:
      return convert_row<std::uint16_t>(src, dst, n, float_from_half);
    case TensorType::kBF16:
      return convert_row<std::uint16_t>(src, dst, n, float_from_bfloat);
    default:
      break;
  }
  const TensorTypeTraits& traits = traits_of(type);
  for (std::size_t i = 0; i < n; i += traits.block_values, src += traits.block_bytes) {
    dequantize_block(type, src, dst + i, traits.block_values);
  }
}

bool all_finite(TensorType type, const std::byte* src, std::size_t n) {
  const TensorTypeTraits& traits = traits_of(type);
  if (!has_codes(type)) {
    float some[64];
    for (std::size_t i = 0; i < n; i += std::size(some)) {
      const std::size_t m = std::min(std::size(some), n - i);
      dequantize_row(type, src + i * traits.block_bytes, some, m);
      if (!std::all_of(some, some + m, [](float x) { return std::isfinite(x); })) return false;
    }
    return true;
  }
  const bool has_minimum = code_traits(type).has_minimum;
  const std::size_t n_scales = traits.block_values / kCodesPerScale;
  float scales[kMaxBlockValues / kCodesPerScale], minima[kMaxBlockValues / kCodesPerScale];
  for (std::size_t i = 0; i < n; i += traits.block_values, src += traits.block_bytes) {
    read_scales(type, src, scales, minima);
    for (std::size_t s = 0; s < n_scales; ++s) {
      if (!std::isfinite(scales[s]) || (has_minimum && !std::isfinite(minima[s]))) return false;
    }
  }
  return true;
}

}  // namespace engram
