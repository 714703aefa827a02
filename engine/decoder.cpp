#include "engine/decoder.h"

#include <algorithm>
#include <cmath>

namespace engram {
namespace {

constexpr std::size_t kFewRows = 16;        // up to here weights stream past all rows in one pass
constexpr std::size_t kTasksPerThread = 2;  // more would restart the memory streams too often
constexpr std::size_t kUpFloats = Decoder::kMaxBatch * kPanelGroups * kRowGroup;

std::size_t groups_of(std::size_t rows) { return (rows + kRowGroup - 1) / kRowGroup; }

}  // namespace

Decoder::Decoder(const ModelConfig& config, const KernelTable& kernels, ComputePool& pool,
                 const ActivationPrecision& precision)
    : config_(config),
      kernels_(kernels),
      pool_(pool),
      precision_(precision),
      q_dim_(std::size_t{config.n_heads} * config.head_dim),
      kv_dim_(std::size_t{config.n_kv_heads} * config.head_dim),
      group_(config.n_heads / config.n_kv_heads) {
  const std::size_t widest = std::max<std::size_t>({config.d_model, config.d_ff, q_dim_});
  const std::size_t bytes =
      std::max(matmul_scratch_bytes(widest), attention_scratch_bytes(config.head_dim));
  for (unsigned i = 0; i < pool.threads(); ++i) {
    scratch_.emplace_back(bytes);
    up_.emplace_back(kUpFloats);
  }
  for (std::size_t i = 0; i < config.head_dim / 2; ++i) {
    const double exponent = -2.0 * static_cast<double>(i) / static_cast<double>(config.head_dim);
    inverse_frequency_.push_back(std::pow(static_cast<double>(config.rope_base), exponent));
  }
}

void Decoder::Rows::allocate(std::size_t n, std::size_t dim) {
  const std::size_t blocks = n * ((dim + kBlock - 1) / kBlock);
  values = AlignedBuffer<float>(n * dim);
  high = AlignedBuffer<std::int8_t>(n * dim + 64);
  low = AlignedBuffer<std::int8_t>(n * dim + 64);
  scale = AlignedBuffer<float>(blocks);
  sum = AlignedBuffer<float>(blocks);
  total = AlignedBuffer<std::int32_t>(2 * blocks);
  low_total = AlignedBuffer<std::int32_t>(2 * blocks);
  refined = AlignedBuffer<std::uint8_t>(blocks);
  a = {.dim = dim,
       .values = values.data(),
       .high = high.data(),
       .low = low.data(),
       .scale = scale.data(),
       .sum = sum.data(),
       .total = total.data(),
       .low_total = low_total.data(),
       .refined = refined.data()};
}

void Decoder::allocate(std::size_t n) {
  if (n <= capacity_) return;
  capacity_ = n;
  const std::size_t half = config_.head_dim / 2;
  x_ = AlignedBuffer<float>(n * config_.d_model);
  q_ = AlignedBuffer<float>(n * q_dim_);
  k_ = AlignedBuffer<float>(n * kv_dim_);
  v_ = AlignedBuffer<float>(n * kv_dim_);
  cosine_ = AlignedBuffer<float>(n * half);
  sine_ = AlignedBuffer<float>(n * half);
  normed_.allocate(n, config_.d_model);
  attended_.allocate(n, q_dim_);
  hidden_.allocate(n, config_.d_ff);
}

void Decoder::begin(std::span<const Segment> segments) {
  runs_.clear();
  n_ = 0;
  std::size_t rows = 0;
  for (const Segment& segment : segments) rows += segment.tokens.size();
  allocate(rows <= kFewRows ? kFewRows : kMaxBatch);
  for (const Segment& segment : segments) add_run(segment);
  plan_attention();
}

void Decoder::add_run(const Segment& segment) {
  const KvCache& cache = *segment.cache;
  runs_.push_back({.memory = static_cast<HalfKvMemory*>(&cache.memory()),
                   .pages = cache.pages.data(),
                   .position = cache.size(),
                   .row = n_,
                   .n = segment.tokens.size(),
                   .n_logits = segment.n_logits});
  const std::size_t half = inverse_frequency_.size();
  for (std::size_t t = 0; t < segment.tokens.size(); ++t, ++n_) {
    const auto position = static_cast<double>(cache.size() + t);
    for (std::size_t i = 0; i < half; ++i) {
      const double angle = position * inverse_frequency_[i];
      cosine_.data()[n_ * half + i] = static_cast<float>(std::cos(angle));
      sine_.data()[n_ * half + i] = static_cast<float>(std::sin(angle));
    }
  }
}

std::byte* Decoder::scratch(unsigned thread) { return scratch_[thread].data(); }

void Decoder::norm_rows(const float* x, std::size_t n, const float* weight, float refine_above) {
  const std::size_t dim = config_.d_model;
  pool_.for_each(n, n <= kFewRows ? n : 16, [&](std::size_t begin, std::size_t end, unsigned) {
    kernels_.rms_norm({.x = x + begin * dim,
                       .y = normed_.values.data() + begin * dim,
                       .weight = weight,
                       .n = end - begin,
                       .dim = dim,
                       .eps = config_.rms_eps});
    kernels_.quantize({normed_.a, begin, end, refine_above});
  });
}

void Decoder::quantize(Rows& rows, float refine_above) {
  pool_.for_each(n_, n_ <= kFewRows ? n_ : 16, [&](std::size_t begin, std::size_t end, unsigned) {
    kernels_.quantize({rows.a, begin, end, refine_above});
  });
}

void Decoder::norm(const float* weight) { norm_rows(x_.data(), n_, weight, precision_.normed); }

// Few rows: weights decide, so cut them evenly. Many: one panel of rows at a time, which the
// kernel unpacks once for all activations.
std::size_t Decoder::groups_per_task(std::size_t groups, std::size_t n) const {
  if (n > kFewRows) return kPanelGroups;
  const std::size_t tasks = pool_.threads() == 1 ? 1 : kTasksPerThread * pool_.threads();
  const std::size_t most = kUpFloats / (n * kRowGroup);
  return std::clamp<std::size_t>((groups + tasks - 1) / tasks, 1, most);
}

MatmulArgs Decoder::product_args(const Rows& rows, std::size_t n, const Product& product,
                                 unsigned thread) {
  return {.w = *product.linear.weight,
          .a = rows.a,
          .n = n,
          .y = product.y,
          .y_stride = product.y_stride,
          .bias = product.linear.bias,
          .add = product.add,
          .scratch = scratch(thread)};
}

void Decoder::multiply(const Rows& rows, std::size_t n, std::initializer_list<Product> products) {
  std::size_t groups = 0;
  for (const Product& p : products) groups += groups_of(p.linear.weight->rows);
  const std::size_t grain = groups_per_task(groups, n);
  std::size_t n_tasks = 0;
  for (const Product& p : products) {
    n_tasks += (groups_of(p.linear.weight->rows) + grain - 1) / grain;
  }
  pool_.for_each(n_tasks, 1, [&](std::size_t task, std::size_t, unsigned thread) {
    const Product* product = products.begin();
    std::size_t tasks = 0;
    while (task >= (tasks = (groups_of(product->linear.weight->rows) + grain - 1) / grain)) {
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

void Decoder::project_qkv(const Linear& q, const Linear& k, const Linear& v) {
  multiply(normed_, n_, {{q, q_.data(), q_dim_}, {k, k_.data(), kv_dim_}, {v, v_.data(), kv_dim_}});
}

void Decoder::add_attention_output(const Matrix& output) {
  quantize(attended_, precision_.attended);
  multiply(attended_, n_, {{{&output}, x_.data(), config_.d_model, true}});
}

void Decoder::gated_feed_forward(const Matrix& gate, const Matrix& up, const Matrix& down) {
  const std::size_t groups = groups_of(gate.rows);
  const std::size_t grain = groups_per_task(groups, n_);
  const std::size_t d_ff = config_.d_ff;
  pool_.for_each(groups, grain, [&](std::size_t begin, std::size_t end, unsigned thread) {
    const std::size_t row_begin = begin * kRowGroup;
    const std::size_t row_end = std::min(end * kRowGroup, gate.rows);
    const std::size_t n_rows = row_end - row_begin;
    float* hidden = hidden_.values.data() + row_begin;
    float* up_part = up_[thread].data();
    MatmulArgs args = product_args(normed_, n_, {{&gate}, hidden, d_ff}, thread);
    args.row_begin = row_begin;
    args.row_end = row_end;
    kernels_.matmul(args);
    args.w = up;
    args.y = up_part;
    args.y_stride = n_rows;
    kernels_.matmul(args);
    kernels_.silu_multiply({.gate = hidden,
                            .up = up_part,
                            .n = n_,
                            .n_cols = n_rows,
                            .gate_stride = d_ff,
                            .up_stride = n_rows});
  });
  quantize(hidden_, precision_.hidden);
  multiply(hidden_, n_, {{{&down}, x_.data(), config_.d_model, true}});
}

void Decoder::logits(const float* norm_weight, const Matrix& head, std::span<float> out) {
  const std::size_t d = config_.d_model;
  std::size_t rows = 0;
  for (const Run& run : runs_) {  // to the front; x is not needed any more
    const float* from = x_.data() + (run.row + run.n - run.n_logits) * d;
    std::copy(from, from + run.n_logits * d, x_.data() + rows * d);
    rows += run.n_logits;
  }
  if (rows == 0) return;
  norm_rows(x_.data(), rows, norm_weight, 0);
  multiply(normed_, rows, {{{&head}, out.data(), config_.vocab_size}});
}

}  // namespace engram
