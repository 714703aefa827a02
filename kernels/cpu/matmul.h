// kernels/cpu/matmul.h: packed weights times integer activations.
//
// Few rows of activations (decode, verification): each block of weights is unpacked in registers
// and multiplied with up to four rows: one pass over the weights, bound by memory.
// Many (prefill): kTileRows groups of 16 weight rows are unpacked once into a panel of plain bytes
// (an L2-sized scratch), then multiplied with kTileTokens activation rows at a time, all sums in
// registers: bound by the integer multipliers. docs/kernels/matmul.md has sizes and measurements.
#pragma once

#include "kernels/cpu/integer_dot.h"
#include "kernels/matmul.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr std::size_t kFewTokens = 8;
constexpr int kPassTokens = 4;

inline void write_rows(const MatmulArgs& args, std::size_t row, std::size_t token, Floats value) {
  const std::size_t n = args.row_end - row;  // fewer than 16 only in the last group
  if (args.bias != nullptr) value = value + load_first(args.bias + row, n);
  float* y = args.y + token * args.y_stride + (row - args.row_begin);
  if (args.add) value = load_first(y, n) + value;
  store_first(y, value, n);
}

// --- few tokens

template <class Format, int first, int n>
inline Ints dot_steps(const Bytes* w, const std::int8_t* a, Ints sums) {
  for (int j = first; j < first + n; ++j) {
    const Quads q = load_quad(a + 4 * j);
    sums = Format::kFullBytes ? dot_byte(sums, w[j], q) : dot_small(sums, w[j], q);
  }
  return sums;
}

// Offset of the codes as they are multiplied here: full bytes may be signed already.
template <class Format>
constexpr int pass_offset() {
  return Format::kFullBytes ? kByteOffset : Format::kOffset;
}

template <class Format, int h>
inline void accumulate_half(const Bytes* w, const BlockScales& s, const BlockActivations& a,
                            Floats& acc) {
  constexpr int kFirst = Format::kHalves == 1 ? 0 : 4 * h;
  constexpr int kCount = kSteps / Format::kHalves;
  constexpr int kOffset = pass_offset<Format>();
  const Ints start = integers(-kOffset * part_sum<Format::kHalves>(a.high_sum, h));
  Ints dot = dot_steps<Format, kFirst, kCount>(w, a.high, start);
  if (a.fine) {
    const Ints correction = integers(kOffset * part_sum<Format::kHalves>(a.low_sum, h));
    dot = dot_steps<Format, kFirst, kCount>(w, a.low, times_255(dot) - correction);
  }
  add_product<Format>(acc, dot, a, s.d[h], s.minimum[h], h);
}

template <class Format, int tokens>
void pass_over_group(const MatmulArgs& args, const std::byte* p, std::size_t row,
                     std::size_t token) {
  const std::size_t blocks = args.w.cols / kBlock;
  Floats acc[tokens];
  for (Floats& sum : acc) sum = zero();
  SuperScales super{zero(), zero()};
  for (std::size_t b = 0; b < blocks; ++b) {
    if (Format::kSuperBytes != 0 && b % 8 == 0) {
      super = Format::super(p);
      p += Format::kSuperBytes;
    }
    Bytes w[kSteps];
    Format::codes(p + Format::kScaleBytes, w);
    if constexpr (Format::kFullBytes) {
      for (Bytes& step : w) step = byte_weights(step);
    }
    const BlockScales s = Format::scales(super, p);
    for (int t = 0; t < tokens; ++t) {
      const BlockActivations a = block_of(args.a, token + static_cast<std::size_t>(t), b);
      accumulate_half<Format, 0>(w, s, a, acc[t]);
      if constexpr (Format::kHalves == 2) accumulate_half<Format, 1>(w, s, a, acc[t]);
    }
    p += Format::kBlockBytes;
  }
  for (int t = 0; t < tokens; ++t) {
    write_rows(args, row, token + static_cast<std::size_t>(t), acc[t]);
  }
}

template <class Format>
void multiply_few(const MatmulArgs& args, const std::byte* group, std::size_t row) {
  for (std::size_t t = 0; t < args.n; t += kPassTokens) {
    switch (args.n - t) {
      case 1:
        pass_over_group<Format, 1>(args, group, row, t);
        break;
      case 2:
        pass_over_group<Format, 2>(args, group, row, t);
        break;
      case 3:
        pass_over_group<Format, 3>(args, group, row, t);
        break;
      default:
        pass_over_group<Format, 4>(args, group, row, t);
        break;
    }
  }
}

// --- many tokens

// A panel: for each block, groups x 8 steps of bytes, then groups x halves scales (and minima).
template <class Format>
constexpr std::size_t panel_block_bytes(int groups) {
  constexpr std::size_t kScales = 64 * Format::kHalves * (Format::kMinimum ? 2 : 1);
  return static_cast<std::size_t>(groups) * (512 + kScales);
}

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
      store_bytes(panel + (static_cast<std::size_t>(j * groups + group)) * 64, step);
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
    panel += panel_block_bytes<Format>(groups);
  }
}

template <class Format, int groups, int tokens, int first, int n>
inline void tile_steps(const std::byte* panel, const BlockActivations (&a)[tokens],
                       Ints (&dots)[groups][tokens]) {
  for (int j = first; j < first + n; ++j) {
    Bytes w[groups];
    for (int g = 0; g < groups; ++g) w[g] = load_bytes(panel + (j * groups + g) * 64);
    for (int t = 0; t < tokens; ++t) {
      const Quads q = load_quad(a[t].high + 4 * j);
      for (int g = 0; g < groups; ++g) {
        dots[g][t] =
            Format::kMinimum ? dot_small(dots[g][t], w[g], q) : dot_byte(dots[g][t], w[g], q);
      }
    }
  }
}

// The second, finer half of the integers, for the one token in a few that needs it here.
template <class Format, int groups, int tokens, int first, int n>
inline void tile_fine_steps(const std::byte* panel, const BlockActivations& a, int t,
                            std::int32_t correction, Ints (&dots)[groups][tokens]) {
  for (int g = 0; g < groups; ++g) dots[g][t] = times_255(dots[g][t]) - integers(correction);
  for (int j = first; j < first + n; ++j) {
    const Quads q = load_quad(a.low + 4 * j);
    for (int g = 0; g < groups; ++g) {
      const Bytes w = load_bytes(panel + (j * groups + g) * 64);
      dots[g][t] = Format::kMinimum ? dot_small(dots[g][t], w, q) : dot_byte(dots[g][t], w, q);
    }
  }
}

template <class Format, int groups, int tokens, int h>
inline void tile_half(const std::byte* panel, const BlockActivations (&a)[tokens],
                      Floats (&acc)[groups][tokens]) {
  constexpr int kFirst = Format::kHalves == 1 ? 0 : 4 * h;
  constexpr int kCount = kSteps / Format::kHalves;
  constexpr int kOffset = Format::kMinimum ? 0 : kByteOffset;
  Ints dots[groups][tokens];
  for (int t = 0; t < tokens; ++t) {
    const Ints start = integers(-kOffset * part_sum<Format::kHalves>(a[t].high_sum, h));
    for (int g = 0; g < groups; ++g) dots[g][t] = start;
  }
  tile_steps<Format, groups, tokens, kFirst, kCount>(panel, a, dots);
  for (int t = 0; t < tokens; ++t) {
    if (!a[t].fine) continue;
    const std::int32_t correction = kOffset * part_sum<Format::kHalves>(a[t].low_sum, h);
    tile_fine_steps<Format, groups, tokens, kFirst, kCount>(panel, a[t], t, correction, dots);
  }
  const auto* floats = reinterpret_cast<const float*>(panel + groups * 512);
  for (int g = 0; g < groups; ++g) {
    const Floats d = load(floats + (h * groups + g) * 16);
    const Floats m =
        Format::kMinimum ? load(floats + ((Format::kHalves + h) * groups + g) * 16) : zero();
    for (int t = 0; t < tokens; ++t) add_product<Format>(acc[g][t], dots[g][t], a[t], d, m, h);
  }
}

template <class Format, int groups, int tokens>
void multiply_tile(const MatmulArgs& args, const std::byte* panel, std::size_t row,
                   std::size_t token) {
  const std::size_t blocks = args.w.cols / kBlock;
  Floats acc[groups][tokens];
  for (auto& of_group : acc) {
    for (Floats& sum : of_group) sum = zero();
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    BlockActivations a[tokens];
    for (int t = 0; t < tokens; ++t)
      a[t] = block_of(args.a, token + static_cast<std::size_t>(t), b);
    tile_half<Format, groups, tokens, 0>(panel, a, acc);
    if constexpr (Format::kHalves == 2) tile_half<Format, groups, tokens, 1>(panel, a, acc);
    panel += panel_block_bytes<Format>(groups);
  }
  for (int g = 0; g < groups; ++g) {
    for (int t = 0; t < tokens; ++t) {
      write_rows(args, row + static_cast<std::size_t>(g) * kRowGroup,
                 token + static_cast<std::size_t>(t), acc[g][t]);
    }
  }
}

template <class Format, int groups, int tokens>
void multiply_panel(const MatmulArgs& args, std::size_t row, std::size_t token) {
  std::size_t t = token;
  for (; t + tokens <= args.n; t += tokens) {
    multiply_tile<Format, groups, tokens>(args, args.scratch, row, t);
  }
  if constexpr (tokens > 1) multiply_panel<Format, groups, tokens - 1>(args, row, t);
}

template <class Format, int groups>
void multiply_many(const MatmulArgs& args, const std::byte* first, std::size_t group_bytes,
                   std::size_t row) {
  const std::size_t blocks = args.w.cols / kBlock;
  for (int g = 0; g < groups; ++g) {
    unpack_group<Format>(first + static_cast<std::size_t>(g) * group_bytes, blocks, args.scratch, g,
                         groups);
  }
  multiply_panel<Format, groups, kTileTokens>(args, row, 0);
}

template <class Format, int groups>
void multiply_up_to(const MatmulArgs& args, const std::byte* first, std::size_t group_bytes,
                    std::size_t row, std::size_t n_groups) {
  if (n_groups >= groups) return multiply_many<Format, groups>(args, first, group_bytes, row);
  if constexpr (groups > 1) {
    multiply_up_to<Format, groups - 1>(args, first, group_bytes, row, n_groups);
  }
}

template <class Format>
void multiply(const MatmulArgs& args) {
  const std::size_t blocks = args.w.cols / kBlock;
  const std::size_t group_bytes =
      blocks * Format::kBlockBytes + args.w.cols / 256 * Format::kSuperBytes;
  const bool few = args.n <= kFewTokens;
  const std::size_t step = (few ? 1 : kTileRows) * kRowGroup;
  for (std::size_t row = args.row_begin; row < args.row_end; row += step) {
    const std::byte* group = args.w.data + row / kRowGroup * group_bytes;
    const std::size_t n_groups = (args.row_end - row + kRowGroup - 1) / kRowGroup;
    if (few) {
      multiply_few<Format>(args, group, row);
    } else {
      multiply_up_to<Format, kTileRows>(args, group, group_bytes, row, n_groups);
    }
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
