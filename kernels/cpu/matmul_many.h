// kernels/cpu/matmul_many.h: packed weights times many rows of activations: prefill.
//
// kTileRows groups of 16 weight rows are unpacked once into a panel of plain bytes (a scratch the
// size of L2), then multiplied with kTileTokens activation rows at a time, all sums in registers:
// bound by the integer multipliers. The code depends on the panel's kind alone, not on the type.
#pragma once

#include "kernels/cpu/integer_dot.h"
#include "kernels/cpu/matmul_few.h"
#include "kernels/matmul.h"

namespace engram::ENGRAM_SIMD {
namespace {

// For each block: groups x 8 steps of bytes, then halves x groups scales, then as many minima.
// Types without minima are stored as value + kByteOffset, the others as their codes.
template <bool minimum, int halves>
struct Panel {
  static constexpr bool kMinimum = minimum;
  static constexpr int kHalves = halves;
  static constexpr int kOffset = minimum ? 0 : kByteOffset;
  static constexpr std::size_t block_bytes(int groups) {
    return static_cast<std::size_t>(groups) * (512 + 64 * halves * (minimum ? 2 : 1));
  }
};

template <class Format>
void unpack_group(const std::byte* p, std::size_t blocks, std::byte* panel, int group, int groups) {
  SuperScales super{zero(), zero()};
  for (std::size_t b = 0; b < blocks; ++b) {
    if (Format::kSuperBytes != 0 && b % 8 == 0) {
      super = Format::super(p);
      p += Format::kSuperBytes;
    }
    Bytes w[kSteps];
    Format::codes(p + Format::kScaleBytes, w);
    for (int j = 0; j < kSteps; ++j) {
      const Bytes step =
          Format::kMinimum ? w[j] : byte_weights(add_to_codes(w[j], 128 - Format::kOffset));
      store_bytes(panel + (j * groups + group) * 64, step);
    }
    const BlockScales s = Format::scales(super, p);
    auto* floats = reinterpret_cast<float*>(panel + groups * 512);
    for (int h = 0; h < Format::kHalves; ++h) {
      store(floats + (h * groups + group) * 16, s.d[h]);
      if constexpr (Format::kMinimum) {
        store(floats + ((Format::kHalves + h) * groups + group) * 16, s.minimum[h]);
      }
    }
    p += Format::kBlockBytes;
    panel += Panel<Format::kMinimum, Format::kHalves>::block_bytes(groups);
  }
}

template <class Kind, int groups, int tokens, int first, int n>
[[gnu::always_inline]] inline void tile_steps(const std::byte* panel, const std::int8_t* a,
                                              std::size_t stride, Ints (&dots)[groups][tokens]) {
#pragma GCC unroll 8
  for (int j = first; j < first + n; ++j) {
    Bytes w[groups];
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) w[g] = load_bytes(panel + (j * groups + g) * 64);
#pragma GCC unroll 8
    for (int t = 0; t < tokens; ++t) {
      const Quads q = load_quad(a + static_cast<std::size_t>(t) * stride + 4 * j);
#pragma GCC unroll 8
      for (int g = 0; g < groups; ++g) {
        dots[g][t] =
            Kind::kMinimum ? dot_small(dots[g][t], w[g], q) : dot_byte(dots[g][t], w[g], q);
      }
    }
  }
}

template <class Kind, int groups, int tokens, int h>
[[gnu::always_inline]] inline void tile_half(const std::byte* panel, const Activations& a,
                                             std::size_t token, std::size_t block,
                                             Floats (&acc)[groups][tokens]) {
  constexpr int kFirst = Kind::kHalves == 1 ? 0 : 4 * h;
  constexpr int kCount = kSteps / Kind::kHalves;
  const std::size_t q = token * a.dim + block * kBlock;
  Ints dots[groups][tokens];
  for (auto& of_group : dots) {
    for (Ints& dot : of_group) dot = integers(0);
  }
  // High bytes, then low bytes into the same sums: registers for 12 sums, not 24.
  tile_steps<Kind, groups, tokens, kFirst, kCount>(panel, a.high + q, a.dim, dots);
  for (auto& of_group : dots) {
    for (Ints& dot : of_group) dot = times_255(dot);
  }
  tile_steps<Kind, groups, tokens, kFirst, kCount>(panel, a.low + q, a.dim, dots);
  const auto* floats = reinterpret_cast<const float*>(panel + groups * 512);
#pragma GCC unroll 8
  for (int t = 0; t < tokens; ++t) {
    const BlockActivations x = block_of(a, token + static_cast<std::size_t>(t), block);
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) {
      const Floats d = load(floats + (h * groups + g) * 16);
      const Floats m =
          Kind::kMinimum ? load(floats + ((Kind::kHalves + h) * groups + g) * 16) : zero();
      add_product<Kind, Kind::kOffset>(acc[g][t], dots[g][t], x, d, m, h);
    }
  }
}

template <class Kind, int groups, int tokens>
[[gnu::noinline]] void multiply_tile(const MatmulArgs& args, std::size_t row, std::size_t token) {
  const std::size_t blocks = args.w.cols / kBlock;
  const std::byte* panel = args.scratch;
  Floats acc[groups][tokens];
  for (auto& of_group : acc) {
    for (Floats& sum : of_group) sum = zero();
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    tile_half<Kind, groups, tokens, 0>(panel, args.a, token, b, acc);
    if constexpr (Kind::kHalves == 2) {
      tile_half<Kind, groups, tokens, 1>(panel, args.a, token, b, acc);
    }
    panel += Kind::block_bytes(groups);
  }
#pragma GCC unroll 8
  for (int g = 0; g < groups; ++g) {
#pragma GCC unroll 8
    for (int t = 0; t < tokens; ++t) {
      write_rows(args, row + static_cast<std::size_t>(g) * kRowGroup,
                 token + static_cast<std::size_t>(t), acc[g][t]);
    }
  }
}

template <class Kind, int groups, int tokens>
void multiply_panel(const MatmulArgs& args, std::size_t row, std::size_t token) {
  std::size_t t = token;
  for (; t + tokens <= args.n; t += tokens) multiply_tile<Kind, groups, tokens>(args, row, t);
  if constexpr (tokens > 1) multiply_panel<Kind, groups, tokens - 1>(args, row, t);
}

// The panel of `groups` groups from `row` on.
template <class Format, int groups>
void multiply_many(const MatmulArgs& args, const std::byte* first, std::size_t group_bytes,
                   std::size_t row, std::size_t n_groups) {
  if (n_groups < groups) {
    if constexpr (groups > 1) {
      multiply_many<Format, groups - 1>(args, first, group_bytes, row, n_groups);
    }
    return;
  }
  const std::size_t blocks = args.w.cols / kBlock;
  for (int g = 0; g < groups; ++g) {
    unpack_group<Format>(first + static_cast<std::size_t>(g) * group_bytes, blocks, args.scratch, g,
                         groups);
  }
  multiply_panel<Panel<Format::kMinimum, Format::kHalves>, groups, kTileTokens>(args, row, 0);
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
