#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/host/host_decoder.h"

namespace engram {
namespace {

constexpr std::size_t kTileTokens = 16;  // queries that share one pass over the keys

// The dimension that RoPE over the first n turns together with d; itself from n on.
std::size_t partner_of(std::size_t d, std::size_t n, RopePairs pairs) {
  if (d >= n) return d;
  if (pairs == RopePairs::kAdjacent) return d ^ 1U;
  return d < n / 2 ? d + n / 2 : d - n / 2;
}

}  // namespace

void HostDecoder::project_qkv(const Linear& q, const Linear& k, const Linear& v) {
  const std::size_t v_dim = std::size_t{config_.n_kv_heads} * config_.value_dim;
  key_bias_ = tensors_[k.bias];
  multiply(normed_, n_,
           {product(q, q_.data(), q_dim_), product(k, k_.data(), kv_dim_),
            product(v, v_.data(), v_dim)});
}

void HostDecoder::norm_heads(VectorId q_weight, VectorId k_weight) {
  const std::size_t dim = config_.head_dim;
  // expanded_q_ takes the normalised rows: the kernel does not work in place.
  const auto norm = [&](AlignedBuffer<float>& x, std::size_t row_dim, const float* weight) {
    grow(expanded_q_, capacity_ * row_dim);
    pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
      float* rows = x.data() + begin * row_dim;
      float* normed = expanded_q_.data() + begin * row_dim;
      kernels_.rms_norm({.x = rows,
                         .y = normed,
                         .weight = weight,
                         .n = (end - begin) * (row_dim / dim),
                         .dim = dim,
                         .eps = config_.norm_eps});
      std::copy_n(normed, (end - begin) * row_dim, rows);
    });
  };
  norm(q_, q_dim_, tensors_[q_weight]);
  norm(k_, kv_dim_, tensors_[k_weight]);
}

void HostDecoder::turn(float* x, std::size_t x_stride, std::size_t n_heads, std::size_t head_dim,
                       RopePairs pairs, const Angles& angles, std::size_t begin, std::size_t end) {
  const std::size_t half = angles.table.pairs();
  kernels_.rope({.x = x + begin * x_stride,
                 .cosine = angles.cosine.data() + begin * half,
                 .sine = angles.sine.data() + begin * half,
                 .n = end - begin,
                 .n_heads = n_heads,
                 .head_dim = head_dim,
                 .x_stride = x_stride,
                 .dim = 2 * half,
                 .pairs = pairs});
}

void HostDecoder::rope(RopePairs pairs, std::size_t layer) {
  const bool own = config_.windowed_rope.dimensions > 0 && config_.window_of(layer) > 0;
  rope_pairs_ = pairs;
  const Angles& angles = own ? windowed_angles_ : angles_;
  const std::size_t head_dim = config_.head_dim;
  pool_.for_each(n_, 16, [&](std::size_t begin, std::size_t end, unsigned) {
    turn(q_.data(), q_dim_, config_.n_heads, head_dim, pairs, angles, begin, end);
    turn(k_.data(), kv_dim_, config_.n_kv_heads, head_dim, pairs, angles, begin, end);
  });
}

// The dimensions of a head's keys with the largest biases: RoPE turns a dimension with its partner,
// so the larger of the two counts for both.
void HostDecoder::choose_fine_dims(std::size_t layer) {
  const std::size_t head_dim = config_.head_dim, n_fine = config_.fine_key_dims;
  if (n_fine == 0 || (!has_fine_dims_.empty() && has_fine_dims_[layer])) return;
  has_fine_dims_.resize(config_.n_layers);
  fine_dims_.resize(config_.n_layers * config_.n_kv_heads * n_fine);
  has_fine_dims_[layer] = true;
  std::vector<std::uint16_t> order(head_dim);
  for (std::size_t head = 0; head < config_.n_kv_heads; ++head) {
    const auto size = [&](std::size_t d) {
      if (key_bias_ == nullptr) return 0.0F;
      const float* bias = key_bias_ + head * head_dim;
      const std::size_t partner = partner_of(d, config_.rope.dimensions, rope_pairs_);
      return std::max(std::abs(bias[d]), std::abs(bias[partner]));
    };
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    std::ranges::sort(order, [&](std::uint16_t x, std::uint16_t y) {
      return size(x) != size(y) ? size(x) > size(y) : x < y;
    });
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n_fine));
    std::copy_n(order.begin(), n_fine,
                fine_dims_.begin() +
                    static_cast<std::ptrdiff_t>((layer * config_.n_kv_heads + head) * n_fine));
  }
}

void HostDecoder::store_kv(std::size_t layer) {
  const std::size_t n_heads = config_.n_kv_heads;
  const std::size_t v_stride = n_heads * config_.value_dim;
  const std::size_t n_tasks = stored_rows_.size() * n_heads;
  pool_.for_each(n_tasks, n_ <= 8 ? n_tasks : 1, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const StoredRows& rows = stored_rows_[i / n_heads];
      const Run& run = runs_[rows.run];
      const std::size_t head = i % n_heads;
      kernels_.store_kv({.k = k_.data() + rows.row * kv_dim_ + head * config_.head_dim,
                         .v = v_.data() + rows.row * v_stride + head * config_.value_dim,
                         .k_stride = kv_dim_,
                         .v_stride = v_stride,
                         .k_cache = run.memory->keys(layer, head),
                         .v_cache = run.memory->values(layer, head),
                         .first_position = rows.position,
                         .n = rows.n,
                         .head_dim = config_.head_dim,
                         .value_dim = config_.value_dim,
                         .pages = run.pages.data(),
                         .fine = fine_dims(layer, head),
                         .n_fine = config_.fine_key_dims});
    }
  });
}

AttentionArgs HostDecoder::attention_args(std::size_t layer, const AttentionTask& task,
                                          unsigned thread) {
  const Run& run = runs_[task.run];
  const std::size_t head = task.group * group_;
  const std::size_t kv_head = head / (config_.n_heads / config_.n_kv_heads);
  return {.q = q_.data() + run.row * q_dim_ + head * config_.head_dim,
          .out = attended_.values.data() + run.row * attended_dim_ + head * config_.value_dim,
          .q_stride = q_dim_,
          .out_stride = attended_dim_,
          .k_cache = run.memory->keys(layer, kv_head),
          .v_cache = run.memory->values(layer, kv_head),
          .first_position = run.position,
          .token_begin = task.begin,
          .token_end = task.end,
          .group = group_,
          .head_dim = config_.head_dim,
          .value_dim = config_.value_dim,
          .window = config_.window_of(layer),
          .scale = config_.attention_scale,
          .softcap = config_.attention_softcap,
          .pages = run.pages.data(),
          .scratch = scratch(thread),
          .fine = fine_dims(layer, kv_head),
          .n_fine = config_.fine_key_dims};
}

// Few rows over many keys are cut by keys, else by rows.
void HostDecoder::plan_attention(AttentionPlan& plan) {
  plan.tasks.clear();
  plan.merges.clear();
  plan.partial_floats = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    if (run.n == 0) continue;
    const std::size_t first_part = first_key(run.position, plan.window) / kAttentionPart;
    const std::size_t last_part = (run.position + run.n - 1) / kAttentionPart;
    const bool few = run.n * group_ <= kAttentionRows && run.position / kAttentionPart == last_part;
    if (few && last_part > first_part && pool_.threads() > 1 && kernels_.attend_part != nullptr) {
      plan_parts(plan, i, first_part, last_part - first_part + 1);
    } else {
      plan_tiles(plan, i);
    }
  }
  grow(partials_, plan.partial_floats);
}

// Prefill and short contexts: a task is one group of heads and a tile of rows.
void HostDecoder::plan_tiles(AttentionPlan& plan, std::size_t run) {
  const std::size_t n = runs_[run].n;
  const std::size_t tile = std::clamp<std::size_t>(kAttentionRows / group_, 1, kTileTokens);
  // Last tiles first: they have most keys, so the threads end together.
  for (std::size_t i = (n + tile - 1) / tile; i-- > 0;) {
    for (std::uint32_t group = 0; group < n_groups_; ++group) {
      plan.tasks.push_back({.run = static_cast<std::uint32_t>(run),
                            .group = group,
                            .begin = i * tile,
                            .end = std::min((i + 1) * tile, n)});
    }
  }
}

// Few rows over many keys: a task is one group of heads and a part of the keys.
void HostDecoder::plan_parts(AttentionPlan& plan, std::size_t run, std::size_t first_part,
                             std::size_t n_parts) {
  const std::size_t n = runs_[run].n;
  for (std::uint32_t group = 0; group < n_groups_; ++group) {
    AttentionTask task{.run = static_cast<std::uint32_t>(run),
                       .group = group,
                       .begin = 0,
                       .end = n,
                       .first_part = first_part,
                       .n_parts = n_parts,
                       .partials = plan.partial_floats};
    plan.merges.push_back(task);
    for (task.part = 0; task.part < n_parts; ++task.part) plan.tasks.push_back(task);
    plan.partial_floats += n_parts * n * group_ * partial_floats(config_.value_dim);
  }
}

void HostDecoder::attend(std::size_t layer) {
  choose_fine_dims(layer);
  store_kv(layer);
  head_outputs_ = &attended_;
  const AttentionPlan& plan = config_.window_of(layer) == 0 ? full_plan_ : windowed_plan_;
  pool_.for_each(plan.tasks.size(), 1, [&](std::size_t i, std::size_t, unsigned thread) {
    const AttentionTask& task = plan.tasks[i];
    const AttentionArgs args = attention_args(layer, task, thread);
    if (task.part == AttentionTask::kWhole) return kernels_.attend(args);
    const std::size_t floats = (task.end - task.begin) * group_ * partial_floats(config_.value_dim);
    kernels_.attend_part(args, task.first_part + task.part,
                         partials_.data() + task.partials + task.part * floats);
  });
  if (plan.merges.empty()) return;
  pool_.for_each(plan.merges.size(), n_groups_,
                 [&](std::size_t begin, std::size_t end, unsigned thread) {
                   for (std::size_t i = begin; i < end; ++i) {
                     const AttentionTask& task = plan.merges[i];
                     kernels_.merge_parts(attention_args(layer, task, thread), task.first_part,
                                          task.n_parts, partials_.data() + task.partials);
                   }
                 });
}

}  // namespace engram
