// engine/decoder.h: the operations a decoder-only architecture is written in.
//
// Works on the batch begun last: n rows of the residual stream x and, of each step, the rows that
// flow to the next. An architecture (engine/models/) calls these in the order its paper gives; here
// is how they are spread over the compute threads. Per layer five ranges of work suffice: QKV,
// attention, its output, gate and up, down; everything between is a few microseconds.
//
// Threads: confined to the engine thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "engine/activation_precision.h"
#include "engine/compute/aligned_buffer.h"
#include "engine/compute/compute_pool.h"
#include "engine/half_kv_memory.h"
#include "engine/transformer.h"
#include "kernels/kernel_table.h"

namespace engram {

class Decoder {
 public:
  static constexpr std::size_t kMaxBatch = 512;  // rows worked on at once

  Decoder(const ModelConfig& config, const KernelTable& kernels, ComputePool& pool,
          const ActivationPrecision& precision);

  // Starts a batch: the rows of all segments, one after the other, each segment's after what its
  // cache holds. REQUIRES: at most kMaxBatch rows; caches over a HalfKvMemory.
  void begin(std::span<const Segment> segments);
  std::span<float> x(std::size_t row) {
    return {x_.data() + row * config_.d_model, config_.d_model};
  }

  struct Linear {
    const Matrix* weight = nullptr;
    const float* bias = nullptr;
  };
  // From x: the normalised input of the next step.
  void norm(const float* weight);
  // From the normalised input: queries, keys and values.
  void project_qkv(const Linear& q, const Linear& k, const Linear& v);
  void rope(RopePairs pairs);
  void attend(std::size_t layer);  // over the cache, after storing this batch's keys and values
  void add_attention_output(const Matrix& output);  // x += output * attended
  // x += down * (silu(gate * h) * (up * h)), h the normalised input.
  void gated_feed_forward(const Matrix& gate, const Matrix& up, const Matrix& down);
  // Of the rows that want them: logits = head * norm(x).
  void logits(const float* norm_weight, const Matrix& head, std::span<float> out);

 private:
  struct Rows {  // activations and the memory behind them
    Activations a;
    AlignedBuffer<float> values, scale, sum;
    AlignedBuffer<std::int8_t> high, low;
    AlignedBuffer<std::int32_t> total, low_total;
    AlignedBuffer<std::uint8_t> refined;
    void allocate(std::size_t n, std::size_t dim);
  };
  struct Product {  // y = a * weight^T (+ bias)
    Linear linear;
    float* y = nullptr;
    std::size_t y_stride = 0;
    bool add = false;
  };
  void allocate(std::size_t n);
  void norm_rows(const float* x, std::size_t n, const float* weight, float refine_above);
  void quantize(Rows& rows, float refine_above);
  void multiply(const Rows& rows, std::size_t n, std::initializer_list<Product> products);
  MatmulArgs product_args(const Rows& rows, std::size_t n, const Product& product, unsigned thread);
  std::size_t groups_per_task(std::size_t groups, std::size_t n) const;
  struct Run {  // a segment in this batch
    HalfKvMemory* memory = nullptr;
    const PageId* pages = nullptr;
    std::size_t position = 0;  // of its first row
    std::size_t row = 0, n = 0, n_logits = 0;
  };
  // One KV head of some rows of a run, over all their keys or over one part of them.
  struct AttentionTask {
    static constexpr std::size_t kWhole = SIZE_MAX;
    std::uint32_t run = 0, head = 0;
    std::size_t begin = 0, end = 0;  // rows of the run
    std::size_t part = kWhole;
    std::size_t n_parts = 0;   // to merge, with part kWhole
    std::size_t partials = 0;  // where partial results of the run's head begin
  };
  void add_run(const Segment& segment);
  void plan_attention();
  void plan_tiles(std::size_t run);
  void plan_parts(std::size_t run, std::size_t n_parts);
  void store_kv(std::size_t layer);
  AttentionArgs attention_args(std::size_t layer, const AttentionTask& task, unsigned thread);
  std::byte* scratch(unsigned thread);

  const ModelConfig& config_;
  const KernelTable& kernels_;
  ComputePool& pool_;
  const ActivationPrecision precision_;
  const std::size_t q_dim_, kv_dim_, group_;

  std::vector<Run> runs_;
  std::vector<AttentionTask> tasks_, merges_;  // of every layer of this batch
  std::size_t partial_floats_ = 0;
  std::size_t n_ = 0, capacity_ = 0;
  AlignedBuffer<float> x_, q_, k_, v_, cosine_, sine_, partials_;
  Rows normed_, attended_, hidden_;
  std::vector<double> inverse_frequency_;
  std::vector<AlignedBuffer<std::byte>> scratch_;  // one a thread
  std::vector<AlignedBuffer<float>> up_;           // one a thread: a task's rows of up * h
};

}  // namespace engram
