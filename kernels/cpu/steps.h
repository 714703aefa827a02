// kernels/cpu/steps.h: four columns of 16 rows of weights, as they are multiplied.
//
// Where the processor multiplies bytes in one instruction (VNNI), codes stay as they are and
// activations are two bytes. Elsewhere bytes take two instructions and 16-bit integers one: weights
// are widened and activations multiplied whole, 255 * high + low in one product; exact, as pairs of
// products and 32 columns of them fit 32 bits. Included after a simd_*.h.
#pragma once

namespace engram::ENGRAM_SIMD {
namespace {

#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)

constexpr bool kWholeIntegers = false;

using Step = Bytes;  // four columns of 16 rows as they are multiplied
constexpr std::size_t kStepBytes = sizeof(Step);

// is_signed: what byte_weights gives, which here is not.
template <bool is_signed>
inline Step step_of(Bytes codes) {
  return codes;
}
inline Step load_step(const std::byte* p) { return load_bytes(p); }
inline void store_step(std::byte* p, Step x) { store_bytes(p, x); }
inline void store_whole(std::int16_t*, Ints) {}  // nothing here reads Activations::whole

#else

constexpr bool kWholeIntegers = true;

struct Step {  // 16 bits a code: of four columns the first and third, the second and fourth
  Bytes even, odd;
};
constexpr std::size_t kStepBytes = sizeof(Step);
struct WholeQuads {  // of 4 activation integers two, in every lane
  __m256i even, odd;
};
// is_signed: what byte_weights gives; else codes as they are packed.
template <bool is_signed>
inline Step step_of(Bytes codes) {
  const auto even = [](__m256i x) {
    if constexpr (is_signed) return _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8);
    return _mm256_and_si256(x, _mm256_set1_epi16(0xFF));
  };
  const auto odd = [](__m256i x) {
    return is_signed ? _mm256_srai_epi16(x, 8) : _mm256_srli_epi16(x, 8);
  };
  return {{even(codes.a), even(codes.b)}, {odd(codes.a), odd(codes.b)}};
}
inline Step load_step(const std::byte* p) { return {load_bytes(p), load_bytes(p + 64)}; }
inline void store_step(std::byte* p, Step x) {
  store_bytes(p, x.even);
  store_bytes(p + 64, x.odd);
}
// Half a block for Activations::whole.
inline void store_whole(std::int16_t* p, Ints x) {
  constexpr int kMiddleSwapped = _MM_SHUFFLE(3, 1, 2, 0);
  const __m256i in_order = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.a, x.b), kMiddleSwapped);
  const __m256i quads =
      _mm256_shufflehi_epi16(_mm256_shufflelo_epi16(in_order, kMiddleSwapped), kMiddleSwapped);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), quads);
}
inline WholeQuads load_quad(const std::int16_t* p) {
  std::int32_t even, odd;
  __builtin_memcpy(&even, p, 4);
  __builtin_memcpy(&odd, p + 2, 4);
  return {_mm256_set1_epi32(even), _mm256_set1_epi32(odd)};
}
inline Ints add_pairs(Ints sums, Bytes w, __m256i x) {
  return {_mm256_add_epi32(sums.a, _mm256_madd_epi16(w.a, x)),
          _mm256_add_epi32(sums.b, _mm256_madd_epi16(w.b, x))};
}
inline Ints dot(Ints sums, Step w, WholeQuads x) {
  return add_pairs(add_pairs(sums, w.even, x.even), w.odd, x.odd);
}
// Of bytes: what the processor's byte multiplier is measured by. REQUIRES: codes <= 63, so that two
// products fit 16 bits.
inline Ints dot(Ints sums, Bytes w, Quads x) {
  return add_pairs(sums, {_mm256_maddubs_epi16(w.a, x.v), _mm256_maddubs_epi16(w.b, x.v)},
                   _mm256_set1_epi16(1));
}

#endif

}  // namespace
}  // namespace engram::ENGRAM_SIMD
