// kernels/attention.h: causal grouped-query attention over a half-precision KV cache.
//
// out[t, h] = softmax(cap(scale * q[t, h] . K)) V over the keys at positions <= p and, with a
// window of w, > p - w, p = first_position + t, for `group` query heads that share one KV head.
// cap(s) = c tanh(s / c) with a softcap of c, s without.
// Keys are taken in parts of kAttentionPart positions from position 0. Each part yields a partial
// result (largest score m, sum l of exp(score - m), o = sum of exp(score - m) * v), and partial
// results are merged in order, from the first part the query sees. A part does not depend on the
// number of queries, and merging does not depend on who computed a part: the same bits for any
// batch size and any split over threads.
//
// Keys lie 16 positions to a tile, [tile][head_dim][16], so that one vector holds 16 keys of one
// dimension and scores need no horizontal sums; values lie [position][value_dim].
//
// Fine dimensions of a key are kept as two halves, k = half(k) + half(k - half(k)), 22 bits instead
// of 11: for the few that are far larger than the others, whose rounding would drown these
// (docs/kernels/attention.md). Their second halves follow the key as n_fine more dimensions, so the
// tiles are [tile][key_dim()][16].
//
// Without a v_cache the first value_dim dimensions of a key are its value (latent attention).
//
// Positions lie in pages of kKeyBlock: page i of the sequence is the block pages[i] of k_cache and
// v_cache, so that sequences can share memory; without a table, block i.
//
// Threads: pure; disjoint outputs may be computed concurrently.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

inline constexpr std::size_t kKeyTile = 16;
inline constexpr std::size_t kKeyBlock = 64;  // keys read at once: capacity is a multiple of it
inline constexpr std::size_t kAttentionPart = 512;

struct StoreKvArgs {         // writes n rows of one KV head at positions first_position...
  const float* k = nullptr;  // [n, head_dim], rows k_stride apart
  const float* v = nullptr;  // [n, value_dim]
  std::size_t k_stride = 0, v_stride = 0;
  std::uint16_t* k_cache = nullptr;  // [capacity / 16, key_dim(), 16]
  std::uint16_t* v_cache = nullptr;  // [capacity, value_dim] or none: then v is not read
  std::size_t first_position = 0, n = 0, head_dim = 0, value_dim = 0;
  const std::uint32_t* pages = nullptr;
  const std::uint16_t* fine = nullptr;  // [n_fine] dimensions kept as two halves
  std::size_t n_fine = 0;               // multiple of 16

  std::size_t key_dim() const { return head_dim + n_fine; }
};

// Where a position's row lies: the page, then the place in it.
constexpr std::size_t row_of(const std::uint32_t* pages, std::size_t position) {
  if (pages == nullptr) return position;
  return pages[position / kKeyBlock] * kKeyBlock + position % kKeyBlock;
}

struct AttentionArgs {
  const float* q = nullptr;  // token t, head h of the group: q[t * q_stride + h * head_dim]
  float* out = nullptr;      // out[t * out_stride + h * value_dim]
  std::size_t q_stride = 0, out_stride = 0;
  const std::uint16_t* k_cache = nullptr;
  const std::uint16_t* v_cache = nullptr;      // none: values are parts of keys
  std::size_t first_position = 0;              // of token 0
  std::size_t token_begin = 0, token_end = 0;  // at most kAttentionTokens at once
  std::size_t group = 0, head_dim = 0, value_dim = 0;
  std::size_t window = 0;  // keys a query sees, itself included; 0: all
  float scale = 1;
  float softcap = 0;  // 0: none
  const std::uint32_t* pages = nullptr;
  std::byte* scratch = nullptr;         // attention_scratch_bytes(), 64-byte aligned
  const std::uint16_t* fine = nullptr;  // as the keys were stored
  std::size_t n_fine = 0;

  std::size_t key_dim() const { return head_dim + n_fine; }
};

// The first position a query at `position` sees.
constexpr std::size_t first_key(std::size_t position, std::size_t window) {
  return window == 0 || position < window ? 0 : position + 1 - window;
}

// A partial result of one (token, head) is value_dim + 2 floats: o, m, l.
inline constexpr std::size_t kAttentionRows = 64;  // most (tokens * group) of one call

constexpr std::size_t partial_floats(std::size_t value_dim) { return value_dim + 2; }
std::size_t attention_scratch_bytes(std::size_t key_dim, std::size_t value_dim);

}  // namespace engram
