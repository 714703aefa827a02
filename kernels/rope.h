// kernels/rope.h: rotary position embedding, in place.
//
// Pair i of the first `dim` values of a head turns by an angle of which the caller gives cosine and
// sine for each row. Pairs are (2i, 2i + 1) for kAdjacent (llama GGUFs) and (i, i + dim / 2) for
// kHalves (qwen2).  Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

enum class RopePairs : std::uint8_t { kAdjacent, kHalves };

struct RopeArgs {
  float* x = nullptr;             // [n, n_heads, head_dim], rows x_stride apart
  const float* cosine = nullptr;  // [n, dim / 2]
  const float* sine = nullptr;    // [n, dim / 2]
  std::size_t n = 0, n_heads = 0, head_dim = 0, x_stride = 0;
  std::size_t dim = 0;  // values that turn, at most head_dim
  RopePairs pairs = RopePairs::kAdjacent;
};

}  // namespace engram
