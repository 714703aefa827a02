// kernels/cpu/simd_avx512.h: sixteen lanes in one register: AVX-512 F, BW, DQ, VL and VNNI.
//
// The vocabulary the algorithms beside this file are written in; simd_avx2.h has the same words.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace engram::avx512 {
namespace {

struct Floats {
  __m512 v;
};  // 16 floats
struct Ints {
  __m512i v;
};  // 16 int32
struct Bytes {
  __m512i v;
};  // 16 lanes of 4 weight codes
struct Quads {
  __m512i v;
};  // 4 activation integers, in every lane

// Register tiles: rows (in groups of 16) x tokens of the matmul, rows x key tiles of attention.
constexpr int kTileRows = 3, kTileTokens = 4;
constexpr int kScoreRows = 6, kScoreTiles = 4;
// A full byte is multiplied as code = value + kByteOffset.
constexpr int kByteOffset = 128;

inline Floats zero() { return {_mm512_setzero_ps()}; }
inline Floats broadcast(float x) { return {_mm512_set1_ps(x)}; }
inline Floats load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline void store(float* p, Floats a) { _mm512_storeu_ps(p, a.v); }
inline __mmask16 first_lanes(std::size_t n) {
  return static_cast<__mmask16>(n >= 16 ? 0xFFFFU : (1U << n) - 1U);
}
inline Floats load_first(const float* p, std::size_t n) {
  return {_mm512_maskz_loadu_ps(first_lanes(n), p)};
}
inline void store_first(float* p, Floats a, std::size_t n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), a.v);
}
// Lanes from n on become `fill`.
inline Floats keep_first(Floats a, std::size_t n, float fill) {
  return {_mm512_mask_mov_ps(_mm512_set1_ps(fill), first_lanes(n), a.v)};
}
inline Floats load_half(const void* p) {
  return {_mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)))};
}
inline Floats load_bfloat(const void* p) {
  const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(static_cast<const __m256i*>(p)));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
inline void store_half(std::uint16_t* p, Floats a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                      _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
inline Floats load_u8(const void* p) {
  return {
      _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))))};
}
inline Floats load_s8(const void* p) {
  return {
      _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))))};
}

inline Floats operator+(Floats a, Floats b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Floats multiply_add(Floats a, Floats b, Floats c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline Floats larger(Floats a, Floats b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Floats smaller(Floats a, Floats b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Floats magnitude(Floats a) { return {_mm512_abs_ps(a.v)}; }
inline bool all_finite(Floats a) {
  constexpr int kNanOrInfinity = 0x99;
  return _mm512_fpclass_ps_mask(a.v, kNanOrInfinity) == 0;
}
inline float sum(Floats a) { return _mm512_reduce_add_ps(a.v); }
inline float largest(Floats a) { return _mm512_reduce_max_ps(a.v); }

inline Ints integers(std::int32_t x) { return {_mm512_set1_epi32(x)}; }
inline Ints round(Floats a) { return {_mm512_cvtps_epi32(a.v)}; }  // nearest, ties to even
inline Floats to_floats(Ints a) { return {_mm512_cvtepi32_ps(a.v)}; }
inline Ints operator+(Ints a, Ints b) { return {_mm512_add_epi32(a.v, b.v)}; }
inline Ints operator-(Ints a, Ints b) { return {_mm512_sub_epi32(a.v, b.v)}; }
inline Ints times_255(Ints a) { return {_mm512_sub_epi32(_mm512_slli_epi32(a.v, 8), a.v)}; }
inline Ints larger(Ints a, Ints b) { return {_mm512_max_epi32(a.v, b.v)}; }
inline Ints smaller(Ints a, Ints b) { return {_mm512_min_epi32(a.v, b.v)}; }
inline std::int32_t sum(Ints a) { return _mm512_reduce_add_epi32(a.v); }
inline void store_s8(std::int8_t* p, Ints a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(a.v));
}
// 2^n as floats, -126 <= n <= 127.
inline Floats power_of_two(Ints n) {
  return {
      _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(n.v, _mm512_set1_epi32(127)), 23))};
}

inline Bytes load_bytes(const std::byte* p) { return {_mm512_loadu_si512(p)}; }
inline void store_bytes(std::byte* p, Bytes a) { _mm512_storeu_si512(p, a.v); }
inline Bytes low_nibbles(Bytes a) { return {_mm512_and_si512(a.v, _mm512_set1_epi8(15))}; }
inline Bytes high_nibbles(Bytes a) {
  return {_mm512_and_si512(_mm512_srli_epi16(a.v, 4), _mm512_set1_epi8(15))};
}
inline Bytes add_fifth_bit(Bytes a, const std::byte* bits) {
  __mmask64 mask;
  __builtin_memcpy(&mask, bits, 8);
  return {_mm512_mask_add_epi8(a.v, mask, a.v, _mm512_set1_epi8(16))};
}
// Bits 2q, 2q + 1 of each plane byte become bits 4, 5.
template <int q>
inline Bytes add_top_pair(Bytes a, Bytes plane) {
  __m512i moved = plane.v;
  if constexpr (q == 0) moved = _mm512_slli_epi16(plane.v, 4);
  if constexpr (q == 1) moved = _mm512_slli_epi16(plane.v, 2);
  if constexpr (q == 3) moved = _mm512_srli_epi16(plane.v, 2);
  // (moved & 0x30) | a
  return {_mm512_ternarylogic_epi32(moved, _mm512_set1_epi8(0x30), a.v, 0xEA)};
}
inline Bytes add_to_codes(Bytes a, int n) {
  return {_mm512_add_epi8(a.v, _mm512_set1_epi8(static_cast<char>(n)))};
}
// From codes that mean value + 128 to what dot multiplies.
inline Bytes byte_weights(Bytes codes) { return codes; }

inline Quads load_quad(const std::int8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, 4);
  return {_mm512_set1_epi32(four)};
}
inline Ints dot(Ints sums, Bytes w, Quads a) { return {_mm512_dpbusd_epi32(sums.v, w.v, a.v)}; }

// The compiler must take `x` for a new value.
inline void renew(Bytes& x) { asm volatile("" : "+v"(x.v)); }
inline void prefetch(const std::byte* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0);
}

}  // namespace
}  // namespace engram::avx512
