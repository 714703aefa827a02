// kernels/activations.h: rows of activations, as floats and as integers in blocks of 32.
//
// Integer tables multiply weight codes with bytes. In a block of 32 values with largest magnitude
// m, value = scale * (high + low / 255), scale = m / 127, all bytes within +-127 (so that no
// instruction saturates). `low` is the second byte of a 16-bit number: a second byte product, and
// only blocks that need it have one. A block is refined when m exceeds QuantizeArgs::refine_above
// times the root mean square of its row: the error of one byte grows with m, so the few blocks with
// outliers make most of it. In the other blocks low is zero, and kernels may leave its products
// out: the result has the same bits. A block with NaN or infinity has the scale NaN, so that what
// is multiplied with it says so. Measured quality and cost: docs/kernels/activations.md.
//
// The columns [c, c + cols) of all rows, c and cols multiples of 32, are activations too: see
// columns_from.
//
// Threads: plain data; rows are independent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

inline constexpr std::size_t kBlock = 32;      // values that share an activation scale
inline constexpr std::size_t kHalfBlock = 16;  // values that share a total (Q6_K scales 16 weights)

struct Activations {
  std::size_t dim = 0;                // values in a row
  float* values = nullptr;            // [n, dim]
  std::int8_t* high = nullptr;        // [n, dim]
  std::int8_t* low = nullptr;         // [n, dim]
  float* scale = nullptr;             // [n, dim / 32]
  float* sum = nullptr;               // [n, dim / 32]  scale * (sum of the block's numbers)
  std::int32_t* total = nullptr;      // [n, dim / 16]  sum of the half block's high bytes
  std::int32_t* low_total = nullptr;  // [n, dim / 16]  likewise of its low bytes
  std::uint8_t* refined = nullptr;    // [n, dim / 32]  1: low has values, 0: it is all zeros
};

// The same rows without their first `begin` columns, the distance between rows unchanged.
constexpr Activations columns_from(Activations a, std::size_t begin) {
  a.values += begin;
  a.high += begin;
  a.low += begin;
  a.scale += begin / kBlock;
  a.sum += begin / kBlock;
  a.total += begin / kHalfBlock;
  a.low_total += begin / kHalfBlock;
  a.refined += begin / kBlock;
  return a;
}

struct QuantizeArgs {
  Activations a;  // values in, the rest out
  std::size_t row_begin = 0, row_end = 0;
  float refine_above = 0;  // in root mean squares of a row; 0: all blocks get 16 bits
};

}  // namespace engram
