// kernels/cpu/matmul_many.h: packed weights times many rows of activations: prefill.
//
// kTileRows groups of 16 weight rows are multiplied with kTileTokens activation rows at a time, all
// sums in registers, bound by the integer multipliers. The weights come from a panel of plain
// bytes, unpacked once for all tokens, and small enough to stay in the first-level cache: columns
// are taken a chunk at a time, and the sums of the tokens wait in scratch between chunks. The code
// depends on the panel's kind alone, not on the weight type. docs/kernels/matmul.md.
#pragma once

#include "kernels/cpu/integer_dot.h"
#include "kernels/cpu/matmul_few.h"
#include "kernels/matmul.h"

namespace engram::ENGRAM_SIMD {
namespace {

static_assert(kTileRows * (kSteps * kStepBytes + 256) <= kPanelBytes / kPanelBlocks);

// For each block: groups x 8 steps, then halves x groups scales, then as many minima.
// Types without minima are stored as value + kByteOffset, the others as their codes.
template <bool minimum, int halves>
struct Panel {
  static constexpr bool kMinimum = minimum;
  static constexpr int kHalves = halves;
  static constexpr int kOffset = minimum ? 0 : kByteOffset;
  static constexpr std::size_t scales_at(int groups) {
    return static_cast<std::size_t>(groups) * kSteps * kStepBytes;
  }
  static constexpr std::size_t block_bytes(int groups) {
    return scales_at(groups) + static_cast<std::size_t>(groups * 64 * halves * (minimum ? 2 : 1));
  }
};

struct Chunk {  // of the columns, in blocks
  std::size_t begin = 0, end = 0;
  bool first = false, last = false;
};

// `p`: the group's first byte. Chunks of types with scales of 256 columns begin at such columns.
template <class Format>
void unpack_group(const std::byte* p, const Chunk& chunk, std::byte* panel, int group, int groups) {
  p += chunk.begin * Format::kBlockBytes + chunk.begin / 8 * Format::kSuperBytes;
  using Kind = Panel<Format::kMinimum, Format::kHalves>;
  SuperScales super{zero(), zero()};
  for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
    if (Format::kSuperBytes != 0 && b % 8 == 0) {
      super = Format::super(p);
      p += Format::kSuperBytes;
    }
    Bytes w[kSteps];
    Format::codes(p + Format::kScaleBytes, w);
    for (int j = 0; j < kSteps; ++j) {
      const Bytes codes =
          Format::kMinimum ? w[j] : byte_weights(add_to_codes(w[j], 128 - Format::kOffset));
      store_step(step_in(panel, j, group, groups), step_of<!Format::kMinimum>(codes));
    }
    const BlockScales s = Format::scales(super, p);
    auto* floats = reinterpret_cast<float*>(panel + Kind::scales_at(groups));
    for (int h = 0; h < Format::kHalves; ++h) {
      store(floats + (h * groups + group) * 16, s.d[h]);
      if constexpr (Format::kMinimum) {
        store(floats + ((Format::kHalves + h) * groups + group) * 16, s.minimum[h]);
      }
    }
    p += Format::kBlockBytes;
    panel += Kind::block_bytes(groups);
  }
}

// dots = 255 * dots + codes . low, for tokens [first, end).
template <class Kind, int groups, int tokens, int h, int first, int end>
[[gnu::always_inline]] inline void refine_dots(const std::byte* panel, const std::int8_t* low,
                                               std::size_t stride, Ints (&dots)[groups][tokens]) {
#pragma GCC unroll 8
  for (int g = 0; g < groups; ++g) {
#pragma GCC unroll 8
    for (int t = first; t < end; ++t) dots[g][t] = times_255(dots[g][t]);
  }
  tile_dots<Kind, groups, tokens, h, first, end>(panel, low, stride, dots);
}

// Those of token t and after it that are refined, one by one.
template <class Kind, int groups, int tokens, int h, int t = 0>
[[gnu::always_inline]] inline void refine_some(const std::byte* panel, const std::int8_t* low,
                                               std::size_t stride, unsigned refined,
                                               Ints (&dots)[groups][tokens]) {
  if ((refined >> t & 1U) != 0) {
    refine_dots<Kind, groups, tokens, h, t, t + 1>(panel, low, stride, dots);
  }
  if constexpr (t + 1 < tokens) {
    refine_some<Kind, groups, tokens, h, t + 1>(panel, low, stride, refined, dots);
  }
}

// `refined`: a bit a token.
template <class Kind, int groups, int tokens, int h>
[[gnu::always_inline]] inline void tile_half(const std::byte* panel, const Activations& a,
                                             std::size_t token, std::size_t block, unsigned refined,
                                             Floats (&acc)[groups][tokens]) {
  constexpr unsigned kAll = (1U << tokens) - 1;
  const std::size_t q = token * a.dim + block * kBlock;
  Ints dots[groups][tokens];
  for (auto& of_group : dots) {
    for (Ints& dot : of_group) dot = integers(0);
  }
  if constexpr (kWholeIntegers) {
    tile_dots<Kind, groups, tokens, h, 0, tokens>(panel, a.whole + q, a.dim, dots);
  } else {
    // High bytes, then low bytes into the same sums: registers for 12 sums, not 24.
    tile_dots<Kind, groups, tokens, h, 0, tokens>(panel, a.high + q, a.dim, dots);
    if (refined == kAll) {
      refine_dots<Kind, groups, tokens, h, 0, tokens>(panel, a.low + q, a.dim, dots);
    } else if (refined != 0) {
      refine_some<Kind, groups, tokens, h>(panel, a.low + q, a.dim, refined, dots);
    }
  }
  const auto* floats = reinterpret_cast<const float*>(panel + Kind::scales_at(groups));
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

inline void prefetch_at(const void* p, std::size_t byte) {
  prefetch(static_cast<const std::byte*>(p) + byte);
}

// The hardware's prefetcher does not see that the next tile begins a few rows further on. A call
// for each block of a chunk touches what that tile needs of the chunk, a token at a time.
template <class Kind, int tokens>
[[gnu::always_inline]] inline void prefetch_next_tile(const Activations& a, std::size_t token,
                                                      std::size_t block, std::size_t n) {
  const std::size_t row = token + tokens + block % tokens;
  if (row >= n) return;
  const std::size_t first = block / tokens * tokens;  // of `tokens` blocks
  const std::size_t from = row * a.dim + first * kBlock;
  constexpr std::size_t kInteger = kWholeIntegers ? sizeof(*a.whole) : sizeof(*a.high);
  const void* integers = kWholeIntegers ? static_cast<const void*>(a.whole) : a.high;
  for (std::size_t line = 0; line < tokens * kBlock * kInteger; line += 64) {
    prefetch_at(integers, from * kInteger + line);
  }
  const std::size_t i = row * (a.dim / kBlock) + block / 16 * 16;  // a line of scales
  switch (block / tokens % 4) {
    case 0:
      return prefetch_at(a.scale + i, 0);
    case 1:
      return prefetch_at(a.refined + i, 0);
    case 2:
      return Kind::kMinimum ? prefetch_at(a.sum + i, 0) : prefetch_at(a.total + 2 * i, 0);
    default:
      if (!Kind::kMinimum) prefetch_at(a.total + 2 * i, 64);
  }
}

template <class Kind, int groups, int tokens>
[[gnu::noinline]] void multiply_tile(const MatmulArgs& args, const Chunk& chunk, float* sums,
                                     std::size_t row, std::size_t token) {
  const std::byte* panel = args.scratch;
  Floats acc[groups][tokens];
#pragma GCC unroll 8
  for (int g = 0; g < groups; ++g) {
#pragma GCC unroll 8
    for (int t = 0; t < tokens; ++t) {
      acc[g][t] = chunk.first ? zero() : load(sums + (t * groups + g) * 16);
    }
  }
  for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
    prefetch_next_tile<Kind, tokens>(args.a, token, b, args.n);
    unsigned refined = 0;
    for (std::size_t t = 0; t < tokens; ++t) {
      refined |= static_cast<unsigned>(is_refined(args.a, token + t, b)) << t;
    }
    tile_half<Kind, groups, tokens, 0>(panel, args.a, token, b, refined, acc);
    if constexpr (Kind::kHalves == 2) {
      tile_half<Kind, groups, tokens, 1>(panel, args.a, token, b, refined, acc);
    }
    panel += Kind::block_bytes(groups);
  }
#pragma GCC unroll 8
  for (int g = 0; g < groups; ++g) {
#pragma GCC unroll 8
    for (int t = 0; t < tokens; ++t) {
      if (chunk.last) {
        write_rows(args, row + static_cast<std::size_t>(g) * kRowGroup,
                   token + static_cast<std::size_t>(t), acc[g][t]);
      } else {
        store(sums + (t * groups + g) * 16, acc[g][t]);
      }
    }
  }
}

// Tokens [token, end); `sums` are those of `token`.
template <class Kind, int groups, int tokens>
void multiply_panel(const MatmulArgs& args, const Chunk& chunk, float* sums, std::size_t row,
                    std::size_t token, std::size_t end) {
  for (; token + tokens <= end; token += tokens) {
    multiply_tile<Kind, groups, tokens>(args, chunk, sums, row, token);
    sums += tokens * groups * 16;
  }
  if constexpr (tokens > 1) {
    multiply_panel<Kind, groups, tokens - 1>(args, chunk, sums, row, token, end);
  }
}

// Columns in as few chunks as fit the panel, of about the same size.
template <class Format>
std::size_t chunk_blocks(std::size_t blocks) {
  const std::size_t step = Format::kSuperBytes != 0 ? 8 : 1;
  const std::size_t most = kPanelBlocks / step * step;  // whole super blocks that fit the panel
  const std::size_t chunks = (blocks + most - 1) / most;
  const std::size_t even = (blocks + chunks - 1) / chunks;
  return (even + step - 1) / step * step;
}

// The panel of `groups` groups from `row` on; `group` is where the first is packed.
template <class Format, int groups>
void multiply_many(const MatmulArgs& args, const std::byte* group, std::size_t group_bytes,
                   std::size_t row, std::size_t n_groups) {
  if (n_groups < groups) {
    if constexpr (groups > 1) {
      multiply_many<Format, groups - 1>(args, group, group_bytes, row, n_groups);
    }
    return;
  }
  using Kind = Panel<Format::kMinimum, Format::kHalves>;
  const std::size_t blocks = args.w.cols / kBlock, step = chunk_blocks<Format>(blocks);
  auto* sums = reinterpret_cast<float*>(args.scratch + kPanelBytes);
  for (std::size_t token = 0; token < args.n; token += kPanelTokens) {
    const std::size_t end = args.n < token + kPanelTokens ? args.n : token + kPanelTokens;
    for (std::size_t b = 0; b < blocks; b += step) {
      const bool last = b + step >= blocks;
      const Chunk chunk{b, last ? blocks : b + step, b == 0, last};
      for (int g = 0; g < groups; ++g) {
        unpack_group<Format>(group + static_cast<std::size_t>(g) * group_bytes, chunk, args.scratch,
                             g, groups);
      }
      multiply_panel<Kind, groups, kTileTokens>(args, chunk, sums, row, token, end);
    }
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
