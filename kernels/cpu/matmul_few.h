// kernels/cpu/matmul_few.h: packed weights times a few rows of activations: decode, verification.
//
// Each block of weights is unpacked in registers and multiplied with up to eight rows of
// activations (four where integers are whole): one pass over the weights for so many tokens, bound
// by memory. docs/kernels/matmul.md.
#pragma once

#include "kernels/cpu/integer_dot.h"
#include "kernels/cpu/packed_block.h"
#include "kernels/matmul.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr std::size_t kPassTokens = kWholeIntegers ? kTileTokens : 8;
constexpr std::size_t kPrefetchBytes = 2048;

inline void write_rows(const MatmulArgs& args, std::size_t row, std::size_t token, Floats value) {
  const std::size_t n = args.row_end - row;  // fewer than 16 only in the last group
  if (args.bias != nullptr) value = value + load_first(args.bias + row, n);
  float* y = args.y + token * args.y_stride + (row - args.row_begin);
  if (args.add) value = load_first(y, n) + value;
  store_first(y, value, n);
}

template <class Format, int first, int n>
inline Ints dot_steps(const Bytes* w, const std::int8_t* a, Ints sums) {
  for (int j = first; j < first + n; ++j) {
    const Quads q = load_quad(a + 4 * j);
    sums = dot(sums, w[j], q);
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
                            bool refined, Floats& acc) {
  constexpr int kFirst = Format::kHalves == 1 ? 0 : 4 * h;
  constexpr int kCount = kSteps / Format::kHalves;
  Ints dot = dot_steps<Format, kFirst, kCount>(w, a.high, integers(0));
  // A sum of its own, so that it need not wait for the first.
  if (refined) {
    dot = times_255(dot) + dot_steps<Format, kFirst, kCount>(w, a.low, integers(0));
  }
  add_product<Format, pass_offset<Format>()>(acc, dot, a, s.d[h], s.minimum[h], h);
}

// Codes in first-level cache, at most kTileTokens tokens: whole integers fill the registers.
template <class Format, int h, int tokens>
[[gnu::always_inline]] inline void accumulate_tokens(const std::byte* steps, const BlockScales& s,
                                                     const Activations& a, std::size_t token,
                                                     std::size_t block, Floats* acc) {
  Ints dots[1][tokens];
  for (Ints& dot : dots[0]) dot = integers(0);
  tile_dots<Format, 1, tokens, h, 0, tokens>(steps, a.whole + token * a.dim + block * kBlock, a.dim,
                                             dots);
#pragma GCC unroll 8
  for (int t = 0; t < tokens; ++t) {
    const BlockActivations x = block_of(a, token + static_cast<std::size_t>(t), block);
    add_product<Format, pass_offset<Format>()>(acc[t], dots[0][t], x, s.d[h], s.minimum[h], h);
  }
}

template <class Format, int tokens>
inline void accumulate_whole(const Bytes* w, const BlockScales& s, const Activations& a,
                             std::size_t token, std::size_t block, Floats* acc) {
  alignas(64) std::byte steps[kSteps * kStepBytes];
  for (int j = 0; j < kSteps; ++j) {
    store_step(step_in(steps, j, 0, 1), step_of<Format::kFullBytes>(w[j]));
  }
  accumulate_tokens<Format, 0, tokens>(steps, s, a, token, block, acc);
  if constexpr (Format::kHalves == 2) {
    accumulate_tokens<Format, 1, tokens>(steps, s, a, token, block, acc);
  }
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
    // The hardware's own prefetcher falls behind when four tokens are multiplied per block.
    for (std::size_t line = 0; line < Format::kBlockBytes; line += 64) {
      prefetch(p + kPrefetchBytes + line);
    }
    Bytes w[kSteps];
    Format::codes(p + Format::kScaleBytes, w);
    if constexpr (Format::kFullBytes) {
      for (Bytes& step : w) step = byte_weights(step);
    }
    const BlockScales s = Format::scales(super, p);
    if constexpr (kWholeIntegers) {
      accumulate_whole<Format, tokens>(w, s, args.a, token, b, acc);
    } else {
#pragma GCC unroll 8
      for (int t = 0; t < tokens; ++t) {
        const std::size_t row_of_t = token + static_cast<std::size_t>(t);
        const BlockActivations a = block_of(args.a, row_of_t, b);
        const bool refined = is_refined(args.a, row_of_t, b) != 0;
        accumulate_half<Format, 0>(w, s, a, refined, acc[t]);
        if constexpr (Format::kHalves == 2) accumulate_half<Format, 1>(w, s, a, refined, acc[t]);
      }
    }
    p += Format::kBlockBytes;
  }
  for (int t = 0; t < tokens; ++t) {
    write_rows(args, row, token + static_cast<std::size_t>(t), acc[t]);
  }
}

// The largest pass that `left` tokens fill.
template <class Format, int tokens>
std::size_t pass(const MatmulArgs& args, const std::byte* group, std::size_t row,
                 std::size_t token) {
  if constexpr (tokens > 1) {
    constexpr int kFewer = tokens > 4 ? 4 : tokens - 1;
    if (args.n - token < tokens) return pass<Format, kFewer>(args, group, row, token);
  }
  pass_over_group<Format, tokens>(args, group, row, token);
  return tokens;
}

template <class Format>
void multiply_few(const MatmulArgs& args, const std::byte* group, std::size_t row) {
  for (std::size_t t = 0; t < args.n;) t += pass<Format, kPassTokens>(args, group, row, t);
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
