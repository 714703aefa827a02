// kernels/activations.h: rows of activations, as floats and as 8 or 16-bit integers per block
// of 32.
//
// Integer tables multiply weight codes with integers. In a block of 32 values with largest
// magnitude m, value = scale * integer where
//   coarse  scale = m / 127,    integer = high            8 bits
//   fine    scale = m / 32512,  integer = 256 * high + low  16 bits, twice the work
// A block is fine when its coarse rounding noise would exceed `tolerance` times the row's mean
// energy: outlier blocks (few) carry most of the error, so most of the gain of 16 bits costs a
// fraction of the work. The choice depends on the row alone. docs/kernels/activations.md measures.
//
// Threads: plain data; rows are independent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

inline constexpr std::size_t kBlock = 32;      // values that share an activation scale
inline constexpr std::size_t kHalfBlock = 16;  // values that share a sum (Q6_K scales 16 weights)

struct Activations {
  std::size_t dim = 0;               // values in a row
  float* values = nullptr;           // [n, dim]
  std::int8_t* high = nullptr;       // [n, dim]
  std::int8_t* low = nullptr;        // [n, dim]; read for fine blocks only
  float* scale = nullptr;            // [n, dim / 32]
  float* sum = nullptr;              // [n, dim / 32]  scale * (sum of the block's integers)
  std::int32_t* high_sum = nullptr;  // [n, dim / 16]
  std::int32_t* low_sum = nullptr;   // [n, dim / 16]; read for fine blocks only
  std::uint8_t* fine = nullptr;      // [n, dim / 32]  1: fine
};

struct QuantizeArgs {
  Activations a;  // values in, the rest out
  std::size_t row_begin = 0, row_end = 0;
  float tolerance = 0;  // 0: every block is fine
};

}  // namespace engram
