// kernels/cpu/integer_dot.h: one block of weights times one block of activations, for 16 rows.
//
// The only place where an integer dot product becomes a float sum. Decode and prefill both end
// here with the same integers in the same order, so their sums are bit-equal:
//
//   for each scale of the block    sum += (float(high dot) * activation scale) * weight scale
//                                  sum += minimum * sum of activations        (types with minima)
//   then, where the block of activations is refined,
//   for each scale of the block    sum += (float(low dot) * activation scale / 255) * weight scale
//
// Low bytes that are all zero add nothing, whether or not they are multiplied.
#pragma once

#include "kernels/activations.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr float kLowUnit = 1.0F / 255.0F;

struct BlockActivations {  // one block of one row
  const std::int8_t* high;
  const std::int8_t* low;
  const std::int32_t* total;
  const std::int32_t* low_total;
  float scale, sum;
};

inline BlockActivations block_of(const Activations& a, std::size_t row, std::size_t block) {
  const std::size_t i = row * (a.dim / kBlock) + block;
  const std::size_t q = row * a.dim + block * kBlock;
  return {a.high + q, a.low + q, a.total + 2 * i, a.low_total + 2 * i, a.scale[i], a.sum[i]};
}
inline std::uint8_t is_refined(const Activations& a, std::size_t row, std::size_t block) {
  return a.refined[row * (a.dim / kBlock) + block];
}

// Sum of the integers of half h, or of the block where one scale serves both.
template <class Format>
inline std::int32_t total_of(const std::int32_t* total, int h) {
  return Format::kHalves == 1 ? total[0] + total[1] : total[h];
}

// `dot` is of the codes as they were multiplied; `offset` is what they exceed the weights by.
template <class Format, int offset>
inline void add_high(Floats& acc, Ints dot, const BlockActivations& a, Floats d, Floats minimum,
                     int h) {
  if constexpr (offset != 0) dot = dot - integers(offset * total_of<Format>(a.total, h));
  acc = multiply_add(to_floats(dot) * broadcast(a.scale), d, acc);
  if constexpr (Format::kMinimum && Format::kHalves == 1) {
    acc = multiply_add(minimum, broadcast(a.sum), acc);
  }
  if constexpr (Format::kMinimum && Format::kHalves == 2) {
    const float high = static_cast<float>(a.total[h]), low = static_cast<float>(a.low_total[h]);
    acc = multiply_add(minimum, broadcast(a.scale * (high + low * kLowUnit)), acc);
  }
}

template <class Format, int offset>
inline void add_low(Floats& acc, Ints dot, const BlockActivations& a, Floats d, int h) {
  if constexpr (offset != 0) dot = dot - integers(offset * total_of<Format>(a.low_total, h));
  acc = multiply_add(to_floats(dot) * broadcast(a.scale * kLowUnit), d, acc);
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
