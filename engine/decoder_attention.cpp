#include <algorithm>
#include <cmath>

#include "engine/decoder.h"

namespace engram {
namespace {

constexpr std::size_t kTileTokens = 16;  // queries that share one pass over the keys

}  // namespace

void Decoder::rope(RopePairs pairs) {
  const auto turn = [&](float* x, std::size_t n_heads, std::size_t begin, std::size_t end) {
    const std::size_t stride = n_heads * config_.head_dim;
    const std::size_t half = config_.head_dim / 2;
    kernels_.rope({.x = x + begin * stride,
                   .cosine = cosine_.data() + begin * half,
                   .sine = sine_.data() + begin * half,
                   .n = end - begin,
                   .n_heads = n_heads,
                   .head_dim = config_.head_dim,
                   .x_stride = stride,
                   .pairs = pairs});
  };
  pool_.for_each(n_, 16, [&](std::size_t begin, std::size_t end, unsigned) {
    turn(q_.data(), config_.n_heads, begin, end);
    turn(k_.data(), config_.n_kv_heads, begin, end);
  });
}

void Decoder::store_kv(std::size_t layer) {
  const std::size_t grain = n_ <= 8 ? config_.n_kv_heads : 1;
  pool_.for_each(config_.n_kv_heads, grain, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t head = begin; head < end; ++head) {
      kernels_.store_kv({.k = k_.data() + head * config_.head_dim,
                         .v = v_.data() + head * config_.head_dim,
                         .k_stride = kv_dim_,
                         .v_stride = kv_dim_,
                         .k_cache = cache_->keys(layer, head),
                         .v_cache = cache_->values(layer, head),
                         .first_position = cache_->size(),
                         .n = n_,
                         .head_dim = config_.head_dim});
    }
  });
}

AttentionArgs Decoder::attention_args(std::size_t layer, std::size_t kv_head, unsigned thread) {
  const std::size_t offset = kv_head * group_ * config_.head_dim;
  return {.q = q_.data() + offset,
          .out = attended_.values.data() + offset,
          .q_stride = q_dim_,
          .out_stride = q_dim_,
          .k_cache = cache_->keys(layer, kv_head),
          .v_cache = cache_->values(layer, kv_head),
          .first_position = cache_->size(),
          .token_begin = 0,
          .token_end = n_,
          .group = group_,
          .head_dim = config_.head_dim,
          .scale = 1.0F / std::sqrt(static_cast<float>(config_.head_dim)),
          .scratch = scratch(thread)};
}

void Decoder::attend(std::size_t layer) {
  store_kv(layer);
  const std::size_t first_part = cache_->size() / kAttentionPart;
  const std::size_t last_part = (cache_->size() + n_ - 1) / kAttentionPart;
  const bool few = n_ * group_ <= kAttentionRows && first_part == last_part;
  if (few && last_part > 0 && pool_.threads() > 1 && kernels_.attend_part != nullptr) {
    attend_by_parts(layer, last_part + 1);
  } else {
    attend_by_tiles(layer);
  }
}

// Prefill and short contexts: a task is one KV head and a tile of tokens.
void Decoder::attend_by_tiles(std::size_t layer) {
  const std::size_t tile = std::clamp<std::size_t>(kAttentionRows / group_, 1, kTileTokens);
  const std::size_t tiles = (n_ + tile - 1) / tile;
  const std::size_t n_tasks = tiles * config_.n_kv_heads;
  pool_.for_each(n_tasks, 1, [&](std::size_t task, std::size_t, unsigned thread) {
    AttentionArgs args = attention_args(layer, task % config_.n_kv_heads, thread);
    // Last tiles first: they have most keys, so the threads end together.
    args.token_begin = (tiles - 1 - task / config_.n_kv_heads) * tile;
    args.token_end = std::min(args.token_begin + tile, n_);
    kernels_.attend(args);
  });
}

// Few queries over many keys: a task is one KV head and a part of the keys.
void Decoder::attend_by_parts(std::size_t layer, std::size_t n_parts) {
  const std::size_t rows_floats = n_ * group_ * partial_floats(config_.head_dim);
  const std::size_t head_floats = n_parts * rows_floats;
  const std::size_t floats = config_.n_kv_heads * head_floats;
  if (partials_.size() < floats) partials_ = AlignedBuffer<float>(floats);
  const std::size_t n_tasks = n_parts * config_.n_kv_heads;
  pool_.for_each(n_tasks, 1, [&](std::size_t task, std::size_t, unsigned thread) {
    const std::size_t head = task / n_parts, part = task % n_parts;
    kernels_.attend_part(attention_args(layer, head, thread), part,
                         partials_.data() + head * head_floats + part * rows_floats);
  });
  pool_.for_each(config_.n_kv_heads, config_.n_kv_heads,
                 [&](std::size_t begin, std::size_t end, unsigned thread) {
                   for (std::size_t head = begin; head < end; ++head) {
                     kernels_.merge_parts(attention_args(layer, head, thread), n_parts,
                                          partials_.data() + head * head_floats);
                   }
                 });
}

}  // namespace engram
