// kernels/cpu/attention.h: flash-style attention over one part of the keys, 64 keys at a time.
//
// Rows are (token, head) pairs that share a KV head. For each block of 64 keys: scores of all rows
// (kScoreRows rows x kScoreTiles tiles of 16 keys in registers, keys converted from half once for
// each register tile), softmax with a running maximum, then the values are added (kScoreRows rows x
// kScoreTiles x 16 dimensions in registers). A row's sums run over keys in order of position, in
// blocks that start at multiples of 64, so they depend on nothing but the row and the cache.
#pragma once

#include "kernels/attention.h"
#include "kernels/cpu/exponential.h"
#include "kernels/cpu/transpose.h"

namespace engram::ENGRAM_SIMD {
namespace {

constexpr float kNoScore = -1e30F;

struct Rows {  // the rows of one call and their state; arrays of kAttentionRows rows
  std::size_t count = 0;
  float* q;                              // [rows, key_dim], scaled, fine dimensions twice
  float* scores;                         // [rows, 64]
  float* o;                              // [rows, value_dim]
  float* m;                              // [rows]
  float* l;                              // [rows]
  float* rescale;                        // [rows]
  float* partials;                       // [rows + 1, value_dim + 2]
  std::uint16_t* values;                 // [64, value_dim], where the cache has only keys
  std::size_t first[kAttentionRows];     // first and
  std::size_t position[kAttentionRows];  // last key the row sees
};

inline Rows make_rows(const AttentionArgs& args) {
  Rows rows;
  auto* p = reinterpret_cast<float*>(args.scratch);
  rows.q = p;
  rows.scores = rows.q + kAttentionRows * args.key_dim();
  rows.o = rows.scores + kAttentionRows * kKeyBlock;
  rows.m = rows.o + kAttentionRows * args.value_dim;
  rows.l = rows.m + kAttentionRows;
  rows.rescale = rows.l + kAttentionRows;
  rows.partials = rows.rescale + kAttentionRows;
  rows.values = reinterpret_cast<std::uint16_t*>(
      rows.partials + (kAttentionRows + 1) * partial_floats(args.value_dim));
  for (std::size_t t = args.token_begin; t < args.token_end; ++t) {
    for (std::size_t h = 0; h < args.group; ++h) {
      const float* q = args.q + t * args.q_stride + h * args.head_dim;
      float* scaled = rows.q + rows.count * args.key_dim();
      for (std::size_t d = 0; d < args.head_dim; d += 16) {
        store(scaled + d, load(q + d) * broadcast(args.scale));
      }
      for (std::size_t i = 0; i < args.n_fine; ++i) {
        scaled[args.head_dim + i] = scaled[args.fine[i]];
      }
      rows.first[rows.count] = first_key(args.first_position + t, args.window);
      rows.position[rows.count++] = args.first_position + t;
    }
  }
  return rows;
}

// Keys of the block at `begin` up to a row's position.
inline std::size_t visible(std::size_t position, std::size_t begin, std::size_t end) {
  const std::size_t limit = position + 1 < end ? position + 1 : end;
  return limit <= begin ? 0 : limit - begin;
}

// Keys of the block at `begin` before the row's window.
inline std::size_t hidden(std::size_t first, std::size_t begin) {
  return first <= begin ? 0 : first - begin;
}

// c tanh(s / c) = c (1 - 2 / (1 + exp(2 s / c)))
inline Floats softcapped(Floats score, float cap) {
  const Floats e = exponential(score * broadcast(2.0F / cap));
  return broadcast(cap) - broadcast(2.0F * cap) / (broadcast(1.0F) + e);
}

template <int n_rows, int n_tiles>
inline void score_tile(const float* q, const std::uint16_t* keys, std::size_t head_dim,
                       float* scores) {
  Floats acc[n_rows][n_tiles];
  for (auto& row : acc) {
    for (Floats& sum : row) sum = zero();
  }
  for (std::size_t d = 0; d < head_dim; ++d) {
    Floats k[n_tiles];
    for (int i = 0; i < n_tiles; ++i) {
      k[i] = load_half(keys + (static_cast<std::size_t>(i) * head_dim + d) * kKeyTile);
    }
    for (int r = 0; r < n_rows; ++r) {
      const Floats x = broadcast(q[static_cast<std::size_t>(r) * head_dim + d]);
      for (int i = 0; i < n_tiles; ++i) acc[r][i] = multiply_add(x, k[i], acc[r][i]);
    }
  }
  for (int r = 0; r < n_rows; ++r) {
    for (int i = 0; i < n_tiles; ++i) {
      store(scores + static_cast<std::size_t>(r) * kKeyBlock + static_cast<std::size_t>(i) * 16,
            acc[r][i]);
    }
  }
}

template <int n_rows>
inline void score_rows(const float* q, const std::uint16_t* keys, std::size_t head_dim,
                       std::size_t n_keys, float* scores) {
  for (std::size_t k = 0; k < n_keys; k += kScoreTiles * kKeyTile) {
    score_tile<n_rows, kScoreTiles>(q, keys + k * head_dim, head_dim, scores + k);
  }
}

template <int n_rows>
inline void value_rows(const float* weights, const float* rescale, const std::uint16_t* values,
                       std::size_t head_dim, std::size_t n_keys, float* o) {
  constexpr std::size_t kWide = kScoreTiles * 16;
  const auto add = [&](auto width, std::size_t first) {
    constexpr int kTiles = decltype(width)::kValue;
    Floats acc[n_rows][kTiles];
    for (int r = 0; r < n_rows; ++r) {
      for (int i = 0; i < kTiles; ++i) {
        const float* p = o + static_cast<std::size_t>(r) * head_dim + first;
        acc[r][i] = load(p + static_cast<std::size_t>(i) * 16) * broadcast(rescale[r]);
      }
    }
    for (std::size_t k = 0; k < n_keys; ++k) {
      Floats v[kTiles];
      for (int i = 0; i < kTiles; ++i) {
        v[i] = load_half(values + k * head_dim + first + static_cast<std::size_t>(i) * 16);
      }
      for (int r = 0; r < n_rows; ++r) {
        const Floats w = broadcast(weights[static_cast<std::size_t>(r) * kKeyBlock + k]);
        for (int i = 0; i < kTiles; ++i) acc[r][i] = multiply_add(w, v[i], acc[r][i]);
      }
    }
    for (int r = 0; r < n_rows; ++r) {
      for (int i = 0; i < kTiles; ++i) {
        float* p = o + static_cast<std::size_t>(r) * head_dim + first;
        store(p + static_cast<std::size_t>(i) * 16, acc[r][i]);
      }
    }
  };
  std::size_t d = 0;
  for (; d + kWide <= head_dim; d += kWide) add(Constant<kScoreTiles>{}, d);
  for (; d < head_dim; d += 16) add(Constant<1>{}, d);
}

// body(rows in this register tile as a constant, first row)
template <int most, class Body>
inline void for_row_tiles(std::size_t first, std::size_t count, Body body) {
  for (; first + most <= count; first += most) body(Constant<most>{}, first);
  if constexpr (most > 1) for_row_tiles<most - 1>(first, count, body);
}

// Scores of one row become weights relative to its running maximum. It sees keys
// [n_hidden, n_visible) of the block.
inline void soften(Rows& rows, std::size_t row, std::size_t n_hidden, std::size_t n_visible,
                   float softcap) {
  float* scores = rows.scores + row * kKeyBlock;
  if (softcap > 0) {
    for (std::size_t i = 0; i < kKeyBlock; i += 16) {
      store(scores + i, softcapped(load(scores + i), softcap));
    }
  }
  for (std::size_t i = 0; i < n_hidden; ++i) scores[i] = kNoScore;
  Floats s[4];
  Floats most = broadcast(kNoScore);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t lanes = n_visible > 16 * i ? n_visible - 16 * i : 0;
    s[i] = keep_first(load(scores + 16 * i), lanes, kNoScore);
    most = larger(most, s[i]);
  }
  const float before = rows.m[row];
  const float now = largest(larger(most, broadcast(before)));
  Floats total = zero();
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t lanes = n_visible > 16 * i ? n_visible - 16 * i : 0;
    const Floats weight = keep_first(exponential(s[i] - broadcast(now)), lanes, 0.0F);
    store(scores + 16 * i, weight);
    total = total + weight;
  }
  // Their exponentials are 1e-38, which the sum, at least 1, did not notice.
  for (std::size_t i = 0; i < n_hidden; ++i) scores[i] = 0;
  float rescale[16];
  store(rescale, exponential(broadcast(before - now)));
  rows.m[row] = now;
  rows.l[row] = rows.l[row] * rescale[0] + sum(total);
  rows.rescale[row] = rescale[0];
}

// The values of the first n keys of a block: of the cache, or taken out of the keys.
inline const std::uint16_t* values_of(const AttentionArgs& args, const Rows& rows, std::size_t row,
                                      std::size_t n) {
  if (args.v_cache != nullptr) return args.v_cache + row * args.value_dim;
  const std::uint16_t* keys = args.k_cache + row * args.key_dim();
  for (std::size_t k = 0; k < n; k += kKeyTile) {
    for (std::size_t d = 0; d < args.value_dim; d += 16) {
      transpose_16x16(keys + k * args.key_dim() + d * kKeyTile,
                      rows.values + k * args.value_dim + d, args.value_dim);
    }
  }
  return rows.values;
}

inline void leave_unseen(Rows& rows, std::size_t row) {
  for (std::size_t i = 0; i < kKeyBlock; i += 16) store(rows.scores + row * kKeyBlock + i, zero());
  rows.rescale[row] = 1;
}

// Leaves o, m, l of every row over the keys of `part` it sees.
inline void run_part(const AttentionArgs& args, Rows& rows, std::size_t part) {
  const std::size_t hd = args.key_dim(), vd = args.value_dim;
  const std::size_t part_end = (part + 1) * kAttentionPart;
  const std::size_t first_block = rows.first[0] / kKeyBlock * kKeyBlock;
  const std::size_t part_begin =
      first_block > part * kAttentionPart ? first_block : part * kAttentionPart;
  for (std::size_t r = 0; r < rows.count; ++r) {
    for (std::size_t d = 0; d < vd; d += 16) store(rows.o + r * vd + d, zero());
    rows.m[r] = kNoScore;
    rows.l[r] = 0;
  }
  const std::size_t last = rows.position[rows.count - 1];  // rows are in order of tokens
  for (std::size_t begin = part_begin; begin < part_end && begin <= last; begin += kKeyBlock) {
    const std::size_t n_keys = visible(last, begin, begin + kKeyBlock);
    const std::size_t row = row_of(args.pages, begin);
    const std::uint16_t* keys = args.k_cache + row * hd;
    const std::uint16_t* values = values_of(args, rows, row, n_keys);
    for_row_tiles<kScoreRows>(0, rows.count, [&](auto n, std::size_t r) {
      score_rows<decltype(n)::kValue>(rows.q + r * hd, keys, hd, n_keys,
                                      rows.scores + r * kKeyBlock);
    });
    for (std::size_t r = 0; r < rows.count; ++r) {
      const std::size_t n_visible = visible(rows.position[r], begin, begin + kKeyBlock);
      const std::size_t n_hidden = hidden(rows.first[r], begin);
      n_visible <= n_hidden ? leave_unseen(rows, r)
                            : soften(rows, r, n_hidden, n_visible, args.softcap);
    }
    for_row_tiles<kScoreRows>(0, rows.count, [&](auto n, std::size_t r) {
      const std::size_t last_row = r + static_cast<std::size_t>(decltype(n)::kValue) - 1;
      const std::size_t seen = visible(rows.position[last_row], begin, begin + kKeyBlock);
      value_rows<decltype(n)::kValue>(rows.scores + r * kKeyBlock, rows.rescale + r, values, vd,
                                      seen, rows.o + r * vd);
    });
  }
}

// state (o, m, l) <- state merged with the next part's.
inline void merge(float* state, const float* next, std::size_t vd) {
  const float m = state[vd], next_m = next[vd];
  const float most = m > next_m ? m : next_m;
  const Floats keep = exponential(broadcast(m - most));
  const Floats take = exponential(broadcast(next_m - most));
  for (std::size_t d = 0; d < vd; d += 16) {
    store(state + d, multiply_add(load(next + d), take, load(state + d) * keep));
  }
  float scales[32];
  store(scales, keep);
  store(scales + 16, take);
  state[vd] = most;
  state[vd + 1] = state[vd + 1] * scales[0] + next[vd + 1] * scales[16];
}

inline void write_partial(const Rows& rows, std::size_t row, std::size_t vd, float* partial) {
  for (std::size_t d = 0; d < vd; d += 16) store(partial + d, load(rows.o + row * vd + d));
  partial[vd] = rows.m[row];
  partial[vd + 1] = rows.l[row];
}

inline void write_output(const AttentionArgs& args, std::size_t row, const float* state) {
  const std::size_t token = args.token_begin + row / args.group;
  float* out = args.out + token * args.out_stride + row % args.group * args.value_dim;
  const Floats inverse = broadcast(1.0F / state[args.value_dim + 1]);
  for (std::size_t d = 0; d < args.value_dim; d += 16) store(out + d, load(state + d) * inverse);
}

inline void attend_part(const AttentionArgs& args, std::size_t part, float* partials) {
  Rows rows = make_rows(args);
  run_part(args, rows, part);
  for (std::size_t r = 0; r < rows.count; ++r) {
    write_partial(rows, r, args.value_dim, partials + r * partial_floats(args.value_dim));
  }
}

inline void merge_parts(const AttentionArgs& args, std::size_t first_part, std::size_t n_parts,
                        const float* partials) {
  const std::size_t stride = partial_floats(args.value_dim);
  const std::size_t count = (args.token_end - args.token_begin) * args.group;
  auto* state = reinterpret_cast<float*>(args.scratch);
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t position = args.first_position + args.token_begin + r / args.group;
    const std::size_t first = first_key(position, args.window) / kAttentionPart - first_part;
    __builtin_memcpy(state, partials + (first * count + r) * stride, stride * sizeof(float));
    for (std::size_t p = first + 1; p < n_parts; ++p) {
      merge(state, partials + (p * count + r) * stride, args.value_dim);
    }
    write_output(args, r, state);
  }
}

inline void attend(const AttentionArgs& args) {
  Rows rows = make_rows(args);
  const std::size_t vd = args.value_dim, stride = partial_floats(vd);
  const std::size_t last_part = rows.position[rows.count - 1] / kAttentionPart;
  float* next = rows.partials + kAttentionRows * stride;  // one row
  for (std::size_t part = rows.first[0] / kAttentionPart; part <= last_part; ++part) {
    run_part(args, rows, part);
    for (std::size_t r = 0; r < rows.count; ++r) {
      float* state = rows.partials + r * stride;
      const std::size_t first_part = rows.first[r] / kAttentionPart;
      if (part == first_part) {
        write_partial(rows, r, vd, state);
      } else if (part > first_part && rows.position[r] >= part * kAttentionPart) {
        write_partial(rows, r, vd, next);
        merge(state, next, vd);
      }
    }
  }
  for (std::size_t r = 0; r < rows.count; ++r) write_output(args, r, rows.partials + r * stride);
}

inline void store_kv(const StoreKvArgs& args) {
  std::uint16_t half[16];
  for (std::size_t t = 0; t < args.n; ++t) {
    const std::size_t position = row_of(args.pages, args.first_position + t);
    std::uint16_t* tile =
        args.k_cache + position / kKeyTile * kKeyTile * args.key_dim() + position % kKeyTile;
    const float* k = args.k + t * args.k_stride;
    for (std::size_t d = 0; d < args.head_dim; d += 16) {
      store_half(half, load(k + d));
      for (std::size_t i = 0; i < 16; ++i) tile[(d + i) * kKeyTile] = half[i];
    }
    for (std::size_t d = 0; d < args.n_fine; d += 16) {
      float x[16];
      for (std::size_t i = 0; i < 16; ++i) x[i] = k[args.fine[d + i]];
      store_half(half, load(x));
      store_half(half, load(x) - load_half(half));
      for (std::size_t i = 0; i < 16; ++i) tile[(args.head_dim + d + i) * kKeyTile] = half[i];
    }
    for (std::size_t d = 0; args.v_cache != nullptr && d < args.value_dim; d += 16) {
      store_half(args.v_cache + position * args.value_dim + d,
                 load(args.v + t * args.v_stride + d));
    }
  }
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
