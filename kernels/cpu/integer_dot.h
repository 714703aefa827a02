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
#include "kernels/cpu/packed_block.h"
#include "kernels/cpu/steps.h"

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

// Of a panel of `groups` groups the codes of step j of one.
template <class Byte>
inline Byte* step_in(Byte* panel, int j, int group, int groups) {
  return panel + static_cast<std::size_t>(j * groups + group) * kStepBytes;
}

// dots[g][t] += codes of the half block of group g . integers of token t, for tokens [first, end).
template <class Kind, int groups, int tokens, int h, int first, int end, class Integer>
[[gnu::always_inline]] inline void tile_dots(const std::byte* panel, const Integer* a,
                                             std::size_t stride, Ints (&dots)[groups][tokens]) {
  constexpr int kFirst = Kind::kHalves == 1 ? 0 : 4 * h;
  constexpr int kCount = kSteps / Kind::kHalves;
#pragma GCC unroll 8
  for (int j = kFirst; j < kFirst + kCount; ++j) {
    Step w[groups];
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) w[g] = load_step(step_in(panel, j, g, groups));
#pragma GCC unroll 8
    for (int t = first; t < end; ++t) {
      const auto q = load_quad(a + static_cast<std::size_t>(t) * stride + 4 * j);
#pragma GCC unroll 8
      for (int g = 0; g < groups; ++g) dots[g][t] = dot(dots[g][t], w[g], q);
    }
  }
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
