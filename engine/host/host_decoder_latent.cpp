// Multi-head latent attention (DeepSeek-V2, 2024, section 2.1) in absorbed form: instead of
// expanding every cached latent c to a key W_uk c and a value W_uv c of each head, the query is
// taken to the latents' space, q W_uk, and W_uv is applied once to the sum of latents. The cache
// then holds one latent and one rotated key for all heads, and attention is that of one KV head.
#include <algorithm>

#include "engine/host/host_decoder.h"

namespace engram {

// y[:, h] = stacked[h] rows[:, h] for each head h.
void HostDecoder::multiply_heads(const Rows& rows, const Matrix& stacked, float* y,
                                 std::size_t y_stride) {
  const std::size_t heads = config_.n_heads;
  const std::size_t outputs = stacked.rows / heads;
  const std::size_t y_head = y_stride / heads;
  pool_.for_each(heads, 1, [&](std::size_t head, std::size_t, unsigned thread) {
    MatmulArgs args = product_args(rows, n_, {&stacked, y + head * y_head, y_stride}, thread);
    args.a = columns_from(rows.a, head * stacked.cols);
    args.row_begin = head * outputs;
    args.row_end = args.row_begin + outputs;
    kernels_.matmul(args);
  });
}

void HostDecoder::project_latent(const LatentAttention& w) {
  const LatentConfig& c = config_.latent;
  const std::size_t heads = config_.n_heads, expanded = c.nope_dim + c.rope_dim;
  const std::size_t key_dim = config_.head_dim;  // kv_rank + rope_dim
  grow(expanded_q_, capacity_ * heads * expanded);
  nope_.allocate(capacity_, heads * c.nope_dim, memory_);
  q_rank_rows_.allocate(capacity_, c.q_rank, memory_);
  const Product q_up = product({w.q_up}, expanded_q_.data(), heads * expanded);
  const Product kv_down = product({w.kv_down}, k_.data(), key_dim);
  if (!w.q_down) {
    multiply(normed_, n_, {q_up, kv_down});
  } else {
    multiply(normed_, n_, {product({w.q_down}, branch_.data(), c.q_rank), kv_down});
    pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
      kernels_.rms_norm({.x = branch_.data() + begin * c.q_rank,
                         .y = q_rank_rows_.values.data() + begin * c.q_rank,
                         .weight = tensors_[w.q_norm],
                         .n = end - begin,
                         .dim = c.q_rank,
                         .eps = config_.norm_eps});
      kernels_.quantize({q_rank_rows_.a, begin, end, precision_.normed});
    });
    multiply(q_rank_rows_, n_, {q_up});
  }
  pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
    turn(expanded_q_.data() + c.nope_dim, heads * expanded, heads, expanded, RopePairs::kAdjacent,
         angles_, begin, end);
    turn(k_.data() + c.kv_rank, key_dim, 1, key_dim, RopePairs::kAdjacent, angles_, begin, end);
    for (std::size_t t = begin; t < end; ++t) {
      float* latent = k_.data() + t * key_dim;
      float* normed = branch_.data() + t * config_.d_model;
      kernels_.rms_norm({.x = latent,
                         .y = normed,
                         .weight = tensors_[w.kv_norm],
                         .n = 1,
                         .dim = c.kv_rank,
                         .eps = config_.norm_eps});
      std::copy_n(normed, c.kv_rank, latent);
      for (std::size_t h = 0; h < heads; ++h) {
        const float* q = expanded_q_.data() + (t * heads + h) * expanded;
        std::copy_n(q, c.nope_dim, nope_.values.data() + (t * heads + h) * c.nope_dim);
        std::copy_n(q + c.nope_dim, c.rope_dim, q_.data() + (t * heads + h) * key_dim + c.kv_rank);
      }
    }
    kernels_.quantize({nope_.a, begin, end, precision_.normed});
  });
  multiply_heads(nope_, tensors_[w.k_up], q_.data(), heads * key_dim);
}

void HostDecoder::expand_values(const LatentAttention& w) {
  const std::size_t dim = std::size_t{config_.n_heads} * config_.latent.value_dim;
  expanded_.allocate(capacity_, dim, memory_);
  quantize(attended_, precision_.attended);
  multiply_heads(attended_, tensors_[w.v_up], expanded_.values.data(), dim);
  head_outputs_ = &expanded_;
}

}  // namespace engram
