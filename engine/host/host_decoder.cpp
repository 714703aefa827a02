#include "engine/host/host_decoder.h"

#include <algorithm>
#include <cmath>

#include "engine/softmax.h"

namespace engram {
namespace {

constexpr std::size_t kFewRows = 16;        // up to here weights stream past all rows in one pass
constexpr std::size_t kTasksPerThread = 2;  // more would restart the memory streams too often
constexpr std::size_t kUpFloats = Decoder::kMaxBatch * kPanelGroups * kRowGroup;

std::size_t groups_of(std::size_t rows) { return (rows + kRowGroup - 1) / kRowGroup; }

std::size_t widest_input(const ModelConfig& c) {
  const std::size_t heads = c.n_heads;
  return std::max<std::size_t>({c.d_model, c.d_ff, heads * c.head_dim, heads * c.value_dim,
                                c.experts.d_ff, c.experts.shared_d_ff, c.latent.q_rank,
                                heads * c.latent.value_dim});
}

// As many heads of a KV head as one attention call takes.
std::size_t heads_at_once(std::size_t n) {
  std::size_t heads = std::min(n, kAttentionRows);
  while (n % heads != 0) --heads;
  return heads;
}

}  // namespace

HostDecoder::HostDecoder(const ModelConfig& config, const KernelTable& kernels, ComputePool& pool,
                         const ActivationPrecision& precision, const HostTensors& tensors,
                         std::pmr::memory_resource& memory)
    : config_(config),
      kernels_(kernels),
      pool_(pool),
      precision_(precision),
      tensors_(tensors),
      memory_(memory),
      q_dim_(std::size_t{config.n_heads} * config.head_dim),
      kv_dim_(std::size_t{config.n_kv_heads} * config.head_dim),
      attended_dim_(std::size_t{config.n_heads} * config.value_dim),
      group_(heads_at_once(config.n_heads / config.n_kv_heads)),
      n_groups_(config.n_heads / group_),
      head_outputs_(&attended_) {
  const std::size_t bytes = std::max(matmul_scratch_bytes(widest_input(config)),
                                     attention_scratch_bytes(config.key_dim(), config.value_dim));
  for (unsigned i = 0; i < pool.threads(); ++i) {
    scratch_.emplace_back(bytes, memory_);
    up_.emplace_back(kUpFloats, memory_);
  }
  angles_.table = RopeTable(config.rope);
  windowed_angles_.table = RopeTable(config.windowed_rope);
  windowed_plan_.window = config.window;
}

void HostDecoder::use_rope_factors() {
  if (tensors_.rope_factors == nullptr) return;
  angles_.table.set_factors({tensors_.rope_factors, angles_.table.pairs()});
}

void HostDecoder::Rows::allocate(std::size_t n, std::size_t dim,
                                 std::pmr::memory_resource& memory) {
  a.dim = dim;
  if (n * dim <= capacity) return;
  capacity = n * dim;
  const std::size_t blocks = n * ((dim + kBlock - 1) / kBlock);
  values = AlignedBuffer<float>(n * dim, memory);
  high = AlignedBuffer<std::int8_t>(n * dim + 64, memory);
  low = AlignedBuffer<std::int8_t>(n * dim + 64, memory);
  whole = AlignedBuffer<std::int16_t>(n * dim, memory);
  scale = AlignedBuffer<float>(blocks, memory);
  sum = AlignedBuffer<float>(blocks, memory);
  total = AlignedBuffer<std::int32_t>(2 * blocks, memory);
  refined = AlignedBuffer<std::uint8_t>(blocks, memory);
  a = {.dim = dim,
       .values = values.data(),
       .high = high.data(),
       .low = low.data(),
       .whole = whole.data(),
       .scale = scale.data(),
       .sum = sum.data(),
       .total = total.data(),
       .refined = refined.data()};
}

void HostDecoder::grow(AlignedBuffer<float>& buffer, std::size_t n) {
  if (buffer.size() < n) buffer = AlignedBuffer<float>(n, memory_);
}

void HostDecoder::allocate(std::size_t n) {
  if (n <= capacity_) return;
  capacity_ = n;
  grow(x_, n * config_.d_model);
  grow(branch_, n * config_.d_model);
  grow(q_, n * q_dim_);
  grow(k_, n * kv_dim_);
  grow(v_, n * config_.n_kv_heads * config_.value_dim);
  for (Angles* angles : {&angles_, &windowed_angles_}) {
    grow(angles->cosine, n * angles->table.pairs());
    grow(angles->sine, n * angles->table.pairs());
  }
  normed_.allocate(n, config_.d_model, memory_);
  attended_.allocate(n, attended_dim_, memory_);
  hidden_.allocate(n, std::max(config_.d_ff, config_.experts.shared_d_ff), memory_);
}

void HostDecoder::begin(std::span<const Segment> segments) {
  runs_.clear();
  stored_rows_.clear();
  n_ = 0;
  std::size_t rows = 0;
  for (const Segment& segment : segments) rows += segment.tokens.size();
  allocate(rows <= kFewRows ? kFewRows : kMaxBatch);
  for (const Segment& segment : segments) add_run(segment);
  plan_attention(full_plan_);
  plan_attention(windowed_plan_);
}

void HostDecoder::add_run(const Segment& segment) {
  const KvCache& cache = *segment.cache;
  const std::size_t position = cache.size() + segment.n_shared, run = runs_.size();
  if (segment.n_shared > 0) {
    stored_rows_.push_back({run, runs_[segment.trunk].row, segment.n_shared, cache.size()});
  }
  stored_rows_.push_back({run, n_, segment.tokens.size(), position});
  runs_.push_back({.memory = static_cast<HalfKvMemory*>(&cache.memory()),
                   .pages = cache.pages,
                   .tokens = {segment.tokens.begin(), segment.tokens.end()},
                   .position = position,
                   .row = n_,
                   .n = segment.tokens.size(),
                   .n_logits = segment.n_logits});
  for (std::size_t t = 0; t < segment.tokens.size(); ++t, ++n_) {
    for (Angles* angles : {&angles_, &windowed_angles_}) {
      const std::size_t pairs = angles->table.pairs();
      if (pairs == 0) continue;
      angles->table.fill(position + t, angles->cosine.data() + n_ * pairs,
                         angles->sine.data() + n_ * pairs);
    }
  }
}

void HostDecoder::embed() {
  float* x = x_.data();
  for (const Run& run : runs_) {
    for (const TokenId id : run.tokens) {
      const std::span<float> row(x, config_.d_model);
      const TokenId token = id < 0 ? std::max(chosen_[chosen_row(id)], 0) : id;
      tensors_.read_embedding(static_cast<std::size_t>(token), row);
      x += row.size();
      if (config_.embedding_scale == 1) continue;
      for (float& value : row) value *= config_.embedding_scale;
    }
  }
}

std::byte* HostDecoder::scratch(unsigned thread) { return scratch_[thread].data(); }

std::size_t HostDecoder::rows_at_once(std::size_t n) const { return n <= kFewRows ? n : 16; }

void HostDecoder::norm_rows(const float* x, std::size_t n, const Norm& weights,
                            float refine_above) {
  const std::size_t dim = config_.d_model;
  normed_.a.dim = dim;
  pool_.for_each(n, rows_at_once(n), [&](std::size_t begin, std::size_t end, unsigned) {
    float* y = normed_.values.data() + begin * dim;
    if (config_.norm == NormKind::kRms) {
      kernels_.rms_norm({.x = x + begin * dim,
                         .y = y,
                         .weight = tensors_[weights.weight],
                         .n = end - begin,
                         .dim = dim,
                         .eps = config_.norm_eps});
    } else {
      kernels_.layer_norm({.x = x + begin * dim,
                           .y = y,
                           .weight = tensors_[weights.weight],
                           .bias = tensors_[weights.bias],
                           .n = end - begin,
                           .dim = dim,
                           .eps = config_.norm_eps});
    }
    kernels_.quantize({normed_.a, begin, end, refine_above});
  });
}

void HostDecoder::quantize(Rows& rows, float refine_above) {
  pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
    kernels_.quantize({rows.a, begin, end, refine_above});
  });
}

void HostDecoder::norm(const Norm& weights) {
  norm_rows(x_.data(), n_, weights, precision_.normed);
}

// Few rows: weights decide, so cut them evenly. Many: one panel of rows at a time, which the
// kernel unpacks once for all activations.
std::size_t HostDecoder::groups_per_task(std::size_t groups, std::size_t n) const {
  if (n > kFewRows) return kPanelGroups;
  const std::size_t tasks = pool_.threads() == 1 ? 1 : kTasksPerThread * pool_.threads();
  const std::size_t most = kUpFloats / (n * kRowGroup);
  return std::clamp<std::size_t>((groups + tasks - 1) / tasks, 1, most);
}

MatmulArgs HostDecoder::product_args(const Rows& rows, std::size_t n, const Product& product,
                                     unsigned thread) {
  return {.w = *product.weight,
          .a = rows.a,
          .n = n,
          .y = product.y,
          .y_stride = product.y_stride,
          .bias = product.bias,
          .add = product.add,
          .scratch = scratch(thread)};
}

void HostDecoder::multiply(const Rows& rows, std::size_t n,
                           std::initializer_list<Product> products) {
  std::size_t groups = 0;
  for (const Product& p : products) groups += groups_of(p.weight->rows);
  const std::size_t grain = groups_per_task(groups, n);
  std::size_t n_tasks = 0;
  for (const Product& p : products) {
    n_tasks += (groups_of(p.weight->rows) + grain - 1) / grain;
  }
  pool_.for_each(n_tasks, 1, [&](std::size_t task, std::size_t, unsigned thread) {
    const Product* product = products.begin();
    std::size_t tasks = 0;
    while (task >= (tasks = (groups_of(product->weight->rows) + grain - 1) / grain)) {
      task -= tasks;
      ++product;
    }
    MatmulArgs args = product_args(rows, n, *product, thread);
    args.row_begin = task * grain * kRowGroup;
    args.row_end = std::min(args.row_begin + grain * kRowGroup, args.w.rows);
    args.y += args.row_begin;
    kernels_.matmul(args);
  });
}

// x += scale * norm(linear(rows)); where nothing comes between, the product adds to x itself.
void HostDecoder::join_product(const Rows& rows, const Linear& linear, const Join& join) {
  if (!join.norm && join.scale == 1) {
    return multiply(rows, n_, {product(linear, x_.data(), config_.d_model, true)});
  }
  multiply(rows, n_, {product(linear, branch_.data(), config_.d_model)});
  add_rows(branch_.data(), join);
}

void HostDecoder::add_rows(const float* y, const Join& join) {
  const std::size_t dim = config_.d_model;
  pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
    const float* rows = y + begin * dim;
    if (join.norm) {
      float* normed = normed_.values.data() + begin * dim;  // its reader is done
      kernels_.rms_norm({.x = rows,
                         .y = normed,
                         .weight = tensors_[join.norm],
                         .n = end - begin,
                         .dim = dim,
                         .eps = config_.norm_eps});
      rows = normed;
    }
    float* x = x_.data() + begin * dim;
    for (std::size_t i = 0; i < (end - begin) * dim; ++i) x[i] += join.scale * rows[i];
  });
}

void HostDecoder::add_attention_output(const Linear& output, const Join& join) {
  quantize(*head_outputs_, precision_.attended);
  join_product(*head_outputs_, output, join);
}

void HostDecoder::gated_feed_forward(MatrixId gate_id, MatrixId up_id, MatrixId down,
                                     Nonlinearity f, const Join& join) {
  const Matrix &gate = tensors_[gate_id], &up = tensors_[up_id];
  const std::size_t groups = groups_of(gate.rows);
  const std::size_t grain = groups_per_task(groups, n_);
  const std::size_t d_ff = gate.rows;
  hidden_.a.dim = d_ff;
  pool_.for_each(groups, grain, [&](std::size_t begin, std::size_t end, unsigned thread) {
    const std::size_t row_begin = begin * kRowGroup;
    const std::size_t row_end = std::min(end * kRowGroup, gate.rows);
    const std::size_t n_rows = row_end - row_begin;
    float* hidden = hidden_.values.data() + row_begin;
    float* up_part = up_[thread].data();
    MatmulArgs args = product_args(normed_, n_, {&gate, hidden, d_ff}, thread);
    args.row_begin = row_begin;
    args.row_end = row_end;
    kernels_.matmul(args);
    args.w = up;
    args.y = up_part;
    args.y_stride = n_rows;
    kernels_.matmul(args);
    kernels_.nonlinearity({.f = f,
                           .gate = hidden,
                           .up = up_part,
                           .n = n_,
                           .n_cols = n_rows,
                           .gate_stride = d_ff,
                           .up_stride = n_rows});
  });
  quantize(hidden_, precision_.hidden);
  join_product(hidden_, {down}, join);
}

void HostDecoder::feed_forward(const Linear& up, const Linear& down, Nonlinearity f,
                               const Join& join) {
  const std::size_t d_ff = tensors_[up.weight].rows;
  const std::size_t groups = groups_of(d_ff);
  hidden_.a.dim = d_ff;
  pool_.for_each(groups, groups_per_task(groups, n_),
                 [&](std::size_t begin, std::size_t end, unsigned thread) {
                   float* hidden = hidden_.values.data() + begin * kRowGroup;
                   MatmulArgs args = product_args(normed_, n_, product(up, hidden, d_ff), thread);
                   args.row_begin = begin * kRowGroup;
                   args.row_end = std::min(end * kRowGroup, d_ff);
                   kernels_.matmul(args);
                   kernels_.nonlinearity({.f = f,
                                          .gate = hidden,
                                          .up = nullptr,
                                          .n = n_,
                                          .n_cols = args.row_end - args.row_begin,
                                          .gate_stride = d_ff});
                 });
  quantize(hidden_, precision_.hidden);
  join_product(hidden_, down, join);
}

void HostDecoder::logits(const Norm& weights, MatrixId head, std::span<float> out) {
  const std::size_t d = config_.d_model;
  std::size_t rows = 0;
  for (const Run& run : runs_) {  // to the front; x is not needed any more
    const float* from = x_.data() + (run.row + run.n - run.n_logits) * d;
    std::copy(from, from + run.n_logits * d, x_.data() + rows * d);
    rows += run.n_logits;
  }
  if (rows == 0) return;
  if (out.empty()) {
    grow(own_logits_, rows * config_.vocab_size);
    out = {own_logits_.data(), rows * config_.vocab_size};
  }
  last_logits_ = out;
  norm_rows(x_.data(), rows, weights, 0);
  multiply(normed_, rows, {product({head}, out.data(), config_.vocab_size)});
  const float scale = config_.logit_scale, cap = config_.logit_softcap;
  if (scale == 1 && cap == 0) return;
  pool_.for_each(rows * config_.vocab_size, 4096,
                 [&](std::size_t begin, std::size_t end, unsigned) {
                   for (float& logit : out.subspan(begin, end - begin)) {
                     logit *= scale;
                     if (cap > 0) logit = cap * std::tanh(logit / cap);
                   }
                 });
}

void HostDecoder::choose(std::span<TokenId> out) {
  chosen_.clear();
  for (TokenId& token : out) {
    const auto row = last_logits_.subspan(chosen_.size() * config_.vocab_size, config_.vocab_size);
    const bool sound = std::none_of(row.begin(), row.end(), [](float x) { return std::isnan(x); });
    token = sound ? static_cast<TokenId>(position_of_largest(row)) : -1;
    chosen_.push_back(token);
  }
}

}  // namespace engram
