// kernels/cpu/peak.h: independent byte dot products in registers.
#pragma once

#include "kernels/peak.h"

namespace engram::ENGRAM_SIMD {
namespace {

inline PeakResult multiply_peak(std::size_t rounds) {
  constexpr int kChains = kTileRows * kTileTokens >= 12 ? 12 : 4;
  Ints sums[kChains];
  for (Ints& s : sums) s = integers(0);
  alignas(64) std::byte weights[64];
  std::int8_t activations[4] = {1, 2, 3, 4};
  for (int i = 0; i < 64; ++i) weights[i] = std::byte{static_cast<unsigned char>(i)};
  Bytes w = load_bytes(weights);
  Quads a = load_quad(activations);
  for (std::size_t i = 0; i < rounds; ++i) {
    for (Ints& s : sums) {
      renew(w);  // else products that do not change are made once for all
      s = dot(s, w, a);
    }
  }
  PeakResult result{rounds * kChains * 64, 0};
  for (const Ints& s : sums) result.checksum += sum(s);
  return result;
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
