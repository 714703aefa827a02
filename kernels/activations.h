// kernels/activations.h: rows of activations, as floats and as integers in blocks of 32.
//
// Integer tables multiply weight codes with bytes. A block of 32 values with largest magnitude m is
// refined or not:
//   refined      value = scale * (255 * high + low), scale = m / 32385: 16 bits, two byte products
//   not refined  value = scale * high, scale = m / 127; low is zero: one byte product
// All bytes are within +-127, so that no instruction saturates. Tables that multiply 16-bit
// integers read the same numbers whole: 255 * high + low, or high. A block is refined when m
// exceeds QuantizeArgs::refine_above times the root mean square of its row: the error of one byte
// grows with m, so the few blocks with outliers make most of it. Whether a block is refined depends
// on its row alone, hence so do the bits of a product. docs/kernels/activations.md.
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
  std::size_t dim = 0;              // values in a row
  float* values = nullptr;          // [n, dim]
  std::int8_t* high = nullptr;      // [n, dim]
  std::int8_t* low = nullptr;       // [n, dim]
  std::int16_t* whole = nullptr;    // [n, dim]  of four columns the first, third, second, fourth
  float* scale = nullptr;           // [n, dim / 32]
  float* sum = nullptr;             // [n, dim / 32]  scale * (sum of the block's integers)
  std::int32_t* total = nullptr;    // [n, dim / 16]  sum of the half block's integers
  std::uint8_t* refined = nullptr;  // [n, dim / 32]  1 or 0
};

// The same rows without their first `begin` columns, the distance between rows unchanged.
constexpr Activations columns_from(Activations a, std::size_t begin) {
  a.values += begin;
  a.high += begin;
  a.low += begin;
  a.whole += begin;
  a.scale += begin / kBlock;
  a.sum += begin / kBlock;
  a.total += begin / kHalfBlock;
  a.refined += begin / kBlock;
  return a;
}

struct QuantizeArgs {
  Activations a;  // values in, the rest out
  std::size_t row_begin = 0, row_end = 0;
  float refine_above = 0;  // in root mean squares of a row; 0: all blocks get 16 bits
};

}  // namespace engram
