// kernels/cpu/packed_block.h: reading one packed block: codes and scales of 16 rows x 32 columns.
//
// Included once per implementation, after its simd_*.h, with ENGRAM_SIMD naming its namespace.
// Format<layout> says how a block is read; packed_layout.h has the byte maps.
#pragma once

#include "kernels/packed_layout.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr int kSteps = 8;

struct SuperScales {  // of 256 columns
  Floats d, minimum;
};
struct BlockScales {  // of each half of a block; one half serves both where kHalves is 1
  Floats d[2], minimum[2];
};

inline void read_bytes(const std::byte* p, Bytes w[kSteps]) {
  for (int j = 0; j < kSteps; ++j) w[j] = load_bytes(p + 64 * j);
}
inline void read_nibbles(const std::byte* p, Bytes w[kSteps]) {
  for (int s = 0; s < 4; ++s) {
    const Bytes both = load_bytes(p + 64 * s);
    w[s] = low_nibbles(both);
    w[s + 4] = high_nibbles(both);
  }
}
inline void read_five_bits(const std::byte* p, Bytes w[kSteps]) {
  read_nibbles(p, w);
  for (int j = 0; j < kSteps; ++j) w[j] = add_fifth_bit(w[j], p + 256 + 8 * j);
}
inline void read_six_bits(const std::byte* p, Bytes w[kSteps]) {
  read_nibbles(p, w);
  for (int plane = 0; plane < 2; ++plane) {
    const Bytes top = load_bytes(p + 256 + 64 * plane);
    Bytes* four = w + 4 * plane;
    four[0] = add_top_pair<0>(four[0], top);
    four[1] = add_top_pair<1>(four[1], top);
    four[2] = add_top_pair<2>(four[2], top);
    four[3] = add_top_pair<3>(four[3], top);
  }
}

// What the formats share. kOffset is subtracted from codes; kFullBytes: codes exceed 63.
template <PackedLayout layout, int offset, bool minimum, int halves, bool full_bytes>
struct FormatTraits {
  static constexpr LayoutTraits kLayout = traits_of(layout);
  static constexpr std::size_t kSuperBytes = kLayout.super_bytes;
  static constexpr std::size_t kScaleBytes = kLayout.scale_bytes;
  static constexpr std::size_t kBlockBytes = kLayout.scale_bytes + kLayout.code_bytes;
  static constexpr int kOffset = offset;
  static constexpr bool kMinimum = minimum;
  static constexpr int kHalves = halves;
  static constexpr bool kFullBytes = full_bytes;
  static SuperScales super(const std::byte*) { return {zero(), zero()}; }
};

template <bool minimum>
inline BlockScales half_scales(const std::byte* p) {
  const Floats d = load_half(p);
  const Floats m = minimum ? load_half(p + 32) : zero();
  return {{d, d}, {m, m}};
}

struct Half4 : FormatTraits<PackedLayout::kHalf4, 8, false, 1, false> {
  static void codes(const std::byte* p, Bytes* w) { read_nibbles(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) {
    return half_scales<false>(p);
  }
};
struct Half4Min : FormatTraits<PackedLayout::kHalf4Min, 0, true, 1, false> {
  static void codes(const std::byte* p, Bytes* w) { read_nibbles(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) { return half_scales<true>(p); }
};
struct Half5 : FormatTraits<PackedLayout::kHalf5, 16, false, 1, false> {
  static void codes(const std::byte* p, Bytes* w) { read_five_bits(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) {
    return half_scales<false>(p);
  }
};
struct Half5Min : FormatTraits<PackedLayout::kHalf5Min, 0, true, 1, false> {
  static void codes(const std::byte* p, Bytes* w) { read_five_bits(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) { return half_scales<true>(p); }
};
struct Half8 : FormatTraits<PackedLayout::kHalf8, 128, false, 1, true> {
  static void codes(const std::byte* p, Bytes* w) { read_bytes(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) {
    return half_scales<false>(p);
  }
};

// d * scale and -(dmin * minimum), rounded as the exact dequantisation rounds them.
inline SuperScales super_scales(const std::byte* p) {
  return {load_half(p), zero() - load_half(p + 32)};
}
inline BlockScales scaled(const SuperScales& s, const std::byte* p) {
  const Floats d = s.d * load_u8(p);
  const Floats m = s.minimum * load_u8(p + 16);
  return {{d, d}, {m, m}};
}
struct Super4Min : FormatTraits<PackedLayout::kSuper4Min, 0, true, 1, false> {
  static SuperScales super(const std::byte* p) { return super_scales(p); }
  static void codes(const std::byte* p, Bytes* w) { read_nibbles(p, w); }
  static BlockScales scales(const SuperScales& s, const std::byte* p) { return scaled(s, p); }
};
struct Super5Min : FormatTraits<PackedLayout::kSuper5Min, 0, true, 1, false> {
  static SuperScales super(const std::byte* p) { return super_scales(p); }
  static void codes(const std::byte* p, Bytes* w) { read_five_bits(p, w); }
  static BlockScales scales(const SuperScales& s, const std::byte* p) { return scaled(s, p); }
};
struct Super6 : FormatTraits<PackedLayout::kSuper6, 32, false, 2, false> {
  static SuperScales super(const std::byte* p) { return {load_half(p), zero()}; }
  static void codes(const std::byte* p, Bytes* w) { read_six_bits(p, w); }
  static BlockScales scales(const SuperScales& s, const std::byte* p) {
    return {{s.d * load_s8(p), s.d * load_s8(p + 16)}, {zero(), zero()}};
  }
};

// The rest: float scales for each half. Q2_K has minima; the others are codes of value + 128.
inline BlockScales float_scales(const std::byte* p) {
  const auto* f = reinterpret_cast<const float*>(p);
  return {{load(f), load(f + 16)}, {load(f + 32), load(f + 48)}};
}
struct Wide : FormatTraits<PackedLayout::kWide, 128, false, 2, true> {
  static void codes(const std::byte* p, Bytes* w) { read_bytes(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) { return float_scales(p); }
};
struct WideMin : FormatTraits<PackedLayout::kWide, 0, true, 2, false> {
  static void codes(const std::byte* p, Bytes* w) { read_bytes(p, w); }
  static BlockScales scales(const SuperScales&, const std::byte* p) { return float_scales(p); }
};

}  // namespace
}  // namespace engram::ENGRAM_SIMD
