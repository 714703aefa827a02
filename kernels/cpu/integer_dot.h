// kernels/cpu/integer_dot.h: one block of weights times one block of activations, for 16 rows.
//
// The only place where an integer dot product becomes a float sum. Decode and prefill both end
// here with the same integers, so their sums are bit-equal.
//
//   sum += (float(integer dot) * activation scale) * weight scale     for each scale of the block
//   sum += minimum * (activation scale * sum of integers)             for types with minima
#pragma once

#include "kernels/activations.h"

namespace engram::ENGRAM_SIMD {
namespace {

struct BlockActivations {  // one block of one row
  const std::int8_t* high;
  const std::int8_t* low;
  std::int32_t high_sum[2], low_sum[2];
  float scale, sum;
  bool fine;
};

inline BlockActivations block_of(const Activations& a, std::size_t row, std::size_t block) {
  const std::size_t i = row * (a.dim / kBlock) + block;
  const std::size_t q = row * a.dim + block * kBlock;
  return {a.high + q,
          a.low + q,
          {a.high_sum[2 * i], a.high_sum[2 * i + 1]},
          {a.low_sum[2 * i], a.low_sum[2 * i + 1]},
          a.scale[i],
          a.sum[i],
          a.fine[i] != 0};
}

// Sum of the integers of half h (of the block where halves == 1), high or low part.
template <int halves>
inline std::int32_t part_sum(const std::int32_t sums[2], int h) {
  return halves == 1 ? sums[0] + sums[1] : sums[h];
}

template <class Format>
inline void add_product(Floats& acc, Ints dot, const BlockActivations& a, Floats d, Floats minimum,
                        int h) {
  acc = multiply_add(to_floats(dot) * broadcast(a.scale), d, acc);
  if constexpr (Format::kMinimum && Format::kHalves == 1) {
    acc = multiply_add(minimum, broadcast(a.sum), acc);
  }
  if constexpr (Format::kMinimum && Format::kHalves == 2) {
    const std::int32_t total = a.fine ? 255 * a.high_sum[h] + a.low_sum[h] : a.high_sum[h];
    acc = multiply_add(minimum, broadcast(a.scale * static_cast<float>(total)), acc);
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
