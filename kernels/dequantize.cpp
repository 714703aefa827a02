#include "kernels/dequantize.h"

#include <cstdint>
#include <cstring>

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

}  // namespace engram
