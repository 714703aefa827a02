// kernels/cpu/integer_dot.h: one block of weights times one block of activations, for 16 rows.
//
// The only place where an integer dot product becomes a float sum. Decode and prefill both end
// here with the same integers in the same order, so their sums are bit-equal:
//
//   dot = codes . high                                        where the block is not refined
//   dot = 255 * (codes . high) + codes . low                  where it is
//   sum += (float(dot) * activation scale) * weight scale     for each scale of the block
//   sum += minimum * (activation scale * sum of integers)     for types with minima
#pragma once

#include "kernels/activations.h"

namespace engram::ENGRAM_SIMD {
namespace {

struct BlockActivations {  // one block of one row
  const std::int8_t* high;
  const std::int8_t* low;
  const std::int32_t* total;
  float scale, sum;
};

inline BlockActivations block_of(const Activations& a, std::size_t row, std::size_t block) {
  const std::size_t i = row * (a.dim / kBlock) + block;
  const std::size_t q = row * a.dim + block * kBlock;
  return {a.high + q, a.low + q, a.total + 2 * i, a.scale[i], a.sum[i]};
}
inline std::uint8_t is_refined(const Activations& a, std::size_t row, std::size_t block) {
  return a.refined[row * (a.dim / kBlock) + block];
}

// Sum of the integers of half h, or of the block where one scale serves both.
template <class Format>
inline std::int32_t total_of(const BlockActivations& a, int h) {
  return Format::kHalves == 1 ? a.total[0] + a.total[1] : a.total[h];
}

// `dot` is of the codes as they were multiplied; `offset` is what they exceed the weights by.
template <class Format, int offset>
inline void add_product(Floats& acc, Ints dot, const BlockActivations& a, Floats d, Floats minimum,
                        int h) {
  if constexpr (offset != 0) dot = dot - integers(offset * total_of<Format>(a, h));
  acc = multiply_add(to_floats(dot) * broadcast(a.scale), d, acc);
  if constexpr (Format::kMinimum && Format::kHalves == 1) {
    acc = multiply_add(minimum, broadcast(a.sum), acc);
  }
  if constexpr (Format::kMinimum && Format::kHalves == 2) {
    const auto total = static_cast<float>(total_of<Format>(a, h));
    acc = multiply_add(minimum, broadcast(a.scale * total), acc);
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
