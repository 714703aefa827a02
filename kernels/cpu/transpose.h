// kernels/cpu/transpose.h: key tiles as rows, for caches that keep values only as a part of keys.
//
// 256-bit unpacks, in every table.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace engram::ENGRAM_SIMD {
namespace {

// to[j * to_stride + i] = from[i * 16 + j] for i, j < 16.
inline void transpose_16x16(const std::uint16_t* from, std::uint16_t* to, std::size_t to_stride) {
  __m256i pairs[2][8];  // columns 0-3 and 4-7 of both halves, two rows in each 32 bits
  for (int i = 0; i < 8; ++i) {
    const auto* rows = reinterpret_cast<const __m256i*>(from) + std::ptrdiff_t{2} * i;
    const __m256i even = _mm256_loadu_si256(rows), odd = _mm256_loadu_si256(rows + 1);
    pairs[0][i] = _mm256_unpacklo_epi16(even, odd);
    pairs[1][i] = _mm256_unpackhi_epi16(even, odd);
  }
  for (std::size_t columns = 0; columns < 4; ++columns) {  // 2 * columns and the one after
    __m256i fours[4];                                      // of these, four rows in each 64 bits
    for (int i = 0; i < 4; ++i) {
      const __m256i* p = pairs[columns / 2] + std::ptrdiff_t{2} * i;
      fours[i] =
          columns % 2 == 0 ? _mm256_unpacklo_epi32(p[0], p[1]) : _mm256_unpackhi_epi32(p[0], p[1]);
    }
    const auto write = [&](std::size_t column, __m256i first_rows, __m256i last_rows) {
      auto* low = reinterpret_cast<__m256i*>(to + column * to_stride);
      auto* high = reinterpret_cast<__m256i*>(to + (column + 8) * to_stride);
      _mm256_storeu_si256(low, _mm256_permute2x128_si256(first_rows, last_rows, 0x20));
      _mm256_storeu_si256(high, _mm256_permute2x128_si256(first_rows, last_rows, 0x31));
    };
    write(2 * columns, _mm256_unpacklo_epi64(fours[0], fours[1]),
          _mm256_unpacklo_epi64(fours[2], fours[3]));
    write(2 * columns + 1, _mm256_unpackhi_epi64(fours[0], fours[1]),
          _mm256_unpackhi_epi64(fours[2], fours[3]));
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
