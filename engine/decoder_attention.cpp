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
  const std::size_t n_heads = config_.n_kv_heads;
  const std::size_t grain = n_ <= 8 ? runs_.size() * n_heads : 1;
  pool_.for_each(runs_.size() * n_heads, grain, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const Run& run = runs_[i / n_heads];
      const std::size_t head = i % n_heads;
      const std::size_t offset = run.row * kv_dim_ + head * config_.head_dim;
      kernels_.store_kv({.k = k_.data() + offset,
                         .v = v_.data() + offset,
                         .k_stride = kv_dim_,
                         .v_stride = kv_dim_,
                         .k_cache = run.memory->keys(layer, head),
                         .v_cache = run.memory->values(layer, head),
                         .first_position = run.position,
                         .n = run.n,
                         .head_dim = config_.head_dim,
                         .pages = run.pages});
    }
  });
}

AttentionArgs Decoder::attention_args(std::size_t layer, const AttentionTask& task,
                                      unsigned thread) {
  const Run& run = runs_[task.run];
  const std::size_t offset = run.row * q_dim_ + task.head * group_ * config_.head_dim;
  return {.q = q_.data() + offset,
          .out = attended_.values.data() + offset,
          .q_stride = q_dim_,
          .out_stride = q_dim_,
          .k_cache = run.memory->keys(layer, task.head),
          .v_cache = run.memory->values(layer, task.head),
          .first_position = run.position,
          .token_begin = task.begin,
          .token_end = task.end,
          .group = group_,
          .head_dim = config_.head_dim,
          .scale = 1.0F / std::sqrt(static_cast<float>(config_.head_dim)),
          .pages = run.pages,
          .scratch = scratch(thread)};
}

// The tasks are those of every layer. Few rows over many keys are cut by keys, else by rows.
void Decoder::plan_attention() {
  tasks_.clear();
  merges_.clear();
  partial_floats_ = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    if (run.n == 0) continue;
    const std::size_t first_part = run.position / kAttentionPart;
    const std::size_t last_part = (run.position + run.n - 1) / kAttentionPart;
    const bool few = run.n * group_ <= kAttentionRows && first_part == last_part;
    if (few && last_part > 0 && pool_.threads() > 1 && kernels_.attend_part != nullptr) {
      plan_parts(i, last_part + 1);
    } else {
      plan_tiles(i);
    }
  }
  if (partials_.size() < partial_floats_) partials_ = AlignedBuffer<float>(partial_floats_);
}

// Prefill and short contexts: a task is one KV head and a tile of rows.
void Decoder::plan_tiles(std::size_t run) {
  const std::size_t n = runs_[run].n;
  const std::size_t tile = std::clamp<std::size_t>(kAttentionRows / group_, 1, kTileTokens);
  // Last tiles first: they have most keys, so the threads end together.
  for (std::size_t i = (n + tile - 1) / tile; i-- > 0;) {
    for (std::uint32_t head = 0; head < config_.n_kv_heads; ++head) {
      tasks_.push_back({.run = static_cast<std::uint32_t>(run),
                        .head = head,
                        .begin = i * tile,
                        .end = std::min((i + 1) * tile, n)});
    }
  }
}

// Few rows over many keys: a task is one KV head and a part of the keys.
void Decoder::plan_parts(std::size_t run, std::size_t n_parts) {
  const std::size_t n = runs_[run].n;
  for (std::uint32_t head = 0; head < config_.n_kv_heads; ++head) {
    AttentionTask task{.run = static_cast<std::uint32_t>(run),
                       .head = head,
                       .begin = 0,
                       .end = n,
                       .n_parts = n_parts,
                       .partials = partial_floats_};
    merges_.push_back(task);
    for (task.part = 0; task.part < n_parts; ++task.part) tasks_.push_back(task);
    partial_floats_ += n_parts * n * group_ * partial_floats(config_.head_dim);
  }
}

void Decoder::attend(std::size_t layer) {
  store_kv(layer);
  pool_.for_each(tasks_.size(), 1, [&](std::size_t i, std::size_t, unsigned thread) {
    const AttentionTask& task = tasks_[i];
    const AttentionArgs args = attention_args(layer, task, thread);
    if (task.part == AttentionTask::kWhole) return kernels_.attend(args);
    const std::size_t floats = (task.end - task.begin) * group_ * partial_floats(config_.head_dim);
    kernels_.attend_part(args, task.part, partials_.data() + task.partials + task.part * floats);
  });
  if (merges_.empty()) return;
  pool_.for_each(merges_.size(), config_.n_kv_heads,
                 [&](std::size_t begin, std::size_t end, unsigned thread) {
                   for (std::size_t i = begin; i < end; ++i) {
                     const AttentionTask& task = merges_[i];
                     kernels_.merge_parts(attention_args(layer, task, thread), task.n_parts,
                                          partials_.data() + task.partials);
                   }
                 });
}

}  // namespace engram
