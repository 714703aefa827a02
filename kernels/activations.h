// kernels/activations.h: rows of activations, as floats and as 16-bit integers in blocks of 32.
//
// Integer tables multiply weight codes with integers of two bytes: in a block of 32 values with
// largest magnitude m, value = scale * (255 * high + low), scale = m / 32385, all bytes within
// +-127 (so that no instruction saturates). Two byte dot products cost twice the work of one and
// no memory traffic; 8-bit activations were measured and are not exact enough:
// docs/kernels/activations.md.
//
// Threads: plain data; rows are independent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

inline constexpr std::size_t kBlock = 32;      // values that share an activation scale
inline constexpr std::size_t kHalfBlock = 16;  // values that share a total (Q6_K scales 16 weights)

struct Activations {
  std::size_t dim = 0;            // values in a row
  float* values = nullptr;        // [n, dim]
  std::int8_t* high = nullptr;    // [n, dim]
  std::int8_t* low = nullptr;     // [n, dim]
  float* scale = nullptr;         // [n, dim / 32]
  float* sum = nullptr;           // [n, dim / 32]  scale * (sum of the block's integers)
  std::int32_t* total = nullptr;  // [n, dim / 16]  sum of the half block's integers
};

struct QuantizeArgs {
  Activations a;  // values in, the rest out
  std::size_t row_begin = 0, row_end = 0;
};

}  // namespace engram
