// kernels/cpu/simd_avx2.h: sixteen lanes in two registers: AVX2, FMA, F16C, and AVX-VNNI where the
// including file is compiled for it.
//
// The same words as simd_avx512.h. Without VNNI bytes are multiplied in two steps (maddubs, madd),
// and 16-bit integers in one (madd), so there weights are widened and activations multiplied whole:
// one product where two bytes would take four. docs/kernels/matmul.md.
// ENGRAM_SIMD names the namespace: each implementation has its own copy.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace engram::ENGRAM_SIMD {
namespace {

struct Floats {
  __m256 a, b;
};  // 16 floats
struct Ints {
  __m256i a, b;
};  // 16 int32
struct Bytes {
  __m256i a, b;
};  // 16 lanes of 4 weight codes
struct Quads {
  __m256i v;
};  // 4 activation integers, in every lane

constexpr int kScoreRows = 2, kScoreTiles = 2;
#ifdef __AVXVNNI__
constexpr int kTileRows = 1, kTileTokens = 3;
constexpr int kByteOffset = 128;  // a full byte is multiplied as code = value + kByteOffset
#else
constexpr int kTileRows = 1, kTileTokens = 4;
constexpr int kByteOffset = 0;  // full bytes are signed here
#endif

inline Floats zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
inline Floats broadcast(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
inline Floats load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline void store(float* p, Floats x) {
  _mm256_storeu_ps(p, x.a);
  _mm256_storeu_ps(p + 8, x.b);
}
inline __m256i lanes_below(std::size_t n) {
  const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), index);
}
inline std::size_t beyond_eight(std::size_t n) { return n > 8 ? n - 8 : 0; }
inline Floats load_first(const float* p, std::size_t n) {
  return {_mm256_maskload_ps(p, lanes_below(n)),
          _mm256_maskload_ps(p + 8, lanes_below(beyond_eight(n)))};
}
inline void store_first(float* p, Floats x, std::size_t n) {
  _mm256_maskstore_ps(p, lanes_below(n), x.a);
  _mm256_maskstore_ps(p + 8, lanes_below(beyond_eight(n)), x.b);
}
inline Floats keep_first(Floats x, std::size_t n, float fill) {
  const __m256 other = _mm256_set1_ps(fill);
  return {_mm256_blendv_ps(other, x.a, _mm256_castsi256_ps(lanes_below(n))),
          _mm256_blendv_ps(other, x.b, _mm256_castsi256_ps(lanes_below(beyond_eight(n))))};
}
inline __m128i load16(const void* p, std::size_t index) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p) + index);
}
inline Floats load_half(const void* p) {
  return {_mm256_cvtph_ps(load16(p, 0)), _mm256_cvtph_ps(load16(p, 1))};
}
inline Floats load_bfloat(const void* p) {
  const auto widen = [](__m128i x) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16));
  };
  return {widen(load16(p, 0)), widen(load16(p, 1))};
}
inline void store_half(std::uint16_t* p, Floats x) {
  constexpr int kRound = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(x.a, kRound));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p) + 1, _mm256_cvtps_ph(x.b, kRound));
}
inline Floats load_u8(const void* p) {
  const __m128i x = load16(p, 0);
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(x)),
          _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(x, 8)))};
}
inline Floats load_s8(const void* p) {
  const __m128i x = load16(p, 0);
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(x)),
          _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(x, 8)))};
}

inline Floats operator+(Floats x, Floats y) {
  return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)};
}
inline Floats operator-(Floats x, Floats y) {
  return {_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)};
}
inline Floats operator*(Floats x, Floats y) {
  return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)};
}
inline Floats operator/(Floats x, Floats y) {
  return {_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)};
}
inline Floats multiply_add(Floats x, Floats y, Floats z) {
  return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
inline Floats larger(Floats x, Floats y) {
  return {_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)};
}
inline Floats smaller(Floats x, Floats y) {
  return {_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)};
}
inline Floats magnitude(Floats x) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b)};
}
inline bool all_finite(Floats x) {  // NaN compares false
  const Floats m = magnitude(x);
  const __m256 most = _mm256_set1_ps(3.402823466e38F);
  return _mm256_movemask_ps(_mm256_and_ps(_mm256_cmp_ps(m.a, most, _CMP_LE_OQ),
                                          _mm256_cmp_ps(m.b, most, _CMP_LE_OQ))) == 0xFF;
}
inline float sum(Floats x) {
  const __m256 eight = _mm256_add_ps(x.a, x.b);
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}
inline float largest(Floats x) {
  const __m256 eight = _mm256_max_ps(x.a, x.b);
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

inline Ints integers(std::int32_t x) { return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
inline Ints round(Floats x) { return {_mm256_cvtps_epi32(x.a), _mm256_cvtps_epi32(x.b)}; }
inline Floats to_floats(Ints x) { return {_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)}; }
inline Ints operator+(Ints x, Ints y) {
  return {_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)};
}
inline Ints operator-(Ints x, Ints y) {
  return {_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)};
}
inline Ints times_255(Ints x) {
  return {_mm256_sub_epi32(_mm256_slli_epi32(x.a, 8), x.a),
          _mm256_sub_epi32(_mm256_slli_epi32(x.b, 8), x.b)};
}
inline Ints larger(Ints x, Ints y) {
  return {_mm256_max_epi32(x.a, y.a), _mm256_max_epi32(x.b, y.b)};
}
inline Ints smaller(Ints x, Ints y) {
  return {_mm256_min_epi32(x.a, y.a), _mm256_min_epi32(x.b, y.b)};
}
inline std::int32_t sum(Ints x) {
  const __m256i eight = _mm256_add_epi32(x.a, x.b);
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
}
inline void store_s8(std::int8_t* p, Ints x) {
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.a, x.b), 0xD8);
  _mm_storeu_si128(
      reinterpret_cast<__m128i*>(p),
      _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
inline Floats power_of_two(Ints n) {
  const __m256i bias = _mm256_set1_epi32(127);
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n.a, bias), 23)),
          _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n.b, bias), 23))};
}

inline Bytes load_bytes(const std::byte* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))};
}
inline void store_bytes(std::byte* p, Bytes x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x.a);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), x.b);
}
inline Bytes low_nibbles(Bytes x) {
  const __m256i mask = _mm256_set1_epi8(15);
  return {_mm256_and_si256(x.a, mask), _mm256_and_si256(x.b, mask)};
}
inline Bytes high_nibbles(Bytes x) {
  return low_nibbles({_mm256_srli_epi16(x.a, 4), _mm256_srli_epi16(x.b, 4)});
}
// Bit i of 32 as 16 in byte i.
inline __m256i spread_bits(const std::byte* bits) {
  std::int32_t word;
  __builtin_memcpy(&word, bits, 4);
  const __m256i which =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i one = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(word), which);
  const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, one), one);
  return _mm256_and_si256(set, _mm256_set1_epi8(16));
}
inline Bytes add_fifth_bit(Bytes x, const std::byte* bits) {
  return {_mm256_or_si256(x.a, spread_bits(bits)), _mm256_or_si256(x.b, spread_bits(bits + 4))};
}
template <int q>
inline Bytes add_top_pair(Bytes x, Bytes plane) {
  const auto add = [](__m256i codes, __m256i moved) {
    if constexpr (q == 0) moved = _mm256_slli_epi16(moved, 4);
    if constexpr (q == 1) moved = _mm256_slli_epi16(moved, 2);
    if constexpr (q == 3) moved = _mm256_srli_epi16(moved, 2);
    return _mm256_or_si256(codes, _mm256_and_si256(moved, _mm256_set1_epi8(0x30)));
  };
  return {add(x.a, plane.a), add(x.b, plane.b)};
}
inline Bytes add_to_codes(Bytes x, int n) {
  const __m256i add = _mm256_set1_epi8(static_cast<char>(n));
  return {_mm256_add_epi8(x.a, add), _mm256_add_epi8(x.b, add)};
}
// From codes that mean value + 128 to what dot multiplies.
inline Bytes byte_weights(Bytes codes) { return add_to_codes(codes, kByteOffset - 128); }

inline Quads load_quad(const std::int8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, 4);
  return {_mm256_set1_epi32(four)};
}

#ifdef __AVXVNNI__
inline Ints dot(Ints sums, Bytes w, Quads x) {
  return {_mm256_dpbusd_avx_epi32(sums.a, w.a, x.v), _mm256_dpbusd_avx_epi32(sums.b, w.b, x.v)};
}
#endif

// The compiler must take `x` for a new value.
inline void renew(Bytes& x) { asm volatile("" : "+x"(x.a), "+x"(x.b)); }
inline void prefetch(const std::byte* p) {
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0);
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
