// engine/host/host_decoder.h: the operations of Decoder, computed here and now.
//
// Kernels of one table, spread over the compute threads. Per layer five ranges of work suffice:
// QKV, attention, its output, gate and up, down; everything between is a few microseconds.
//
// Threads: confined to one thread, which need not be the engine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory_resource>
#include <span>
#include <string>
#include <vector>

#include "engine/compute/aligned_buffer.h"
#include "engine/compute/compute_pool.h"
#include "engine/decoder.h"
#include "engine/host/activation_precision.h"
#include "engine/host/half_kv_memory.h"
#include "engine/host/host_weights.h"
#include "engine/model_config.h"
#include "engine/rope_table.h"
#include "kernels/kernel_table.h"

namespace engram {

class HostDecoder final : public Decoder {
 public:
  // `tensors` may be filled later, before the first batch. Activations lie in `memory`.
  HostDecoder(const ModelConfig& config, const KernelTable& kernels, ComputePool& pool,
              const ActivationPrecision& precision, const HostTensors& tensors,
              std::pmr::memory_resource& memory = *std::pmr::new_delete_resource());
  void use_rope_factors();  // of `tensors`, once they are there

  // REQUIRES: caches over a HalfKvMemory.
  void begin(std::span<const Segment> segments) override;
  void embed() override;
  void norm(const Norm& weights) override;
  void project_qkv(const Linear& q, const Linear& k, const Linear& v) override;
  void norm_heads(VectorId q_weight, VectorId k_weight) override;
  void rope(RopePairs pairs, std::size_t layer) override;
  void attend(std::size_t layer) override;
  void add_attention_output(const Linear& output, const Join& join) override;
  void project_latent(const LatentAttention& w) override;
  void expand_values(const LatentAttention& w) override;
  void gated_feed_forward(MatrixId gate, MatrixId up, MatrixId down, Nonlinearity f,
                          const Join& join) override;
  void feed_forward(const Linear& up, const Linear& down, Nonlinearity f,
                    const Join& join) override;
  void expert_feed_forward(const Experts& w) override;
  void logits(const Norm& weights, MatrixId head, std::span<float> out) override;
  void choose(std::span<TokenId> out) override;

 private:
  struct Rows {  // activations and the memory behind them
    Activations a;
    AlignedBuffer<float> values, scale, sum;
    AlignedBuffer<std::int8_t> high, low;
    AlignedBuffer<std::int16_t> whole;
    AlignedBuffer<std::int32_t> total;
    AlignedBuffer<std::uint8_t> refined;
    std::size_t capacity = 0;                                                          // values
    void allocate(std::size_t n, std::size_t dim, std::pmr::memory_resource& memory);  // grows only
  };
  struct Product {  // y = a * weight^T (+ bias)
    const Matrix* weight = nullptr;
    float* y = nullptr;
    std::size_t y_stride = 0;
    const float* bias = nullptr;
    bool add = false;
  };
  struct Angles {  // of the batch's positions
    RopeTable table;
    AlignedBuffer<float> cosine, sine;  // [n, dimensions / 2]
  };
  struct RoutedRow {  // one use of an expert by a token
    std::uint32_t token = 0, expert = 0;
    float weight = 0;
    std::uint32_t row = 0;  // of the rows sorted by expert
  };

  void allocate(std::size_t n);
  void grow(AlignedBuffer<float>& buffer, std::size_t n);
  std::size_t rows_at_once(std::size_t n) const;  // for cheap row operations
  Product product(const Linear& linear, float* y, std::size_t y_stride, bool add = false) const {
    return {&tensors_[linear.weight], y, y_stride, tensors_[linear.bias], add};
  }
  void norm_rows(const float* x, std::size_t n, const Norm& weights, float refine_above);
  void quantize(Rows& rows, float refine_above);
  void multiply(const Rows& rows, std::size_t n, std::initializer_list<Product> products);
  MatmulArgs product_args(const Rows& rows, std::size_t n, const Product& product, unsigned thread);
  std::size_t groups_per_task(std::size_t groups, std::size_t n) const;
  struct Run {  // a segment in this batch
    HalfKvMemory* memory = nullptr;
    std::vector<PageId> pages;
    std::vector<TokenId> tokens;
    std::size_t position = 0;  // of its first row
    std::size_t row = 0, n = 0, n_logits = 0;
  };
  // One group of heads of some rows of a run, over all their keys or over one part of them.
  struct AttentionTask {
    static constexpr std::size_t kWhole = SIZE_MAX;
    std::uint32_t run = 0, group = 0;
    std::size_t begin = 0, end = 0;  // rows of the run
    std::size_t part = kWhole;
    std::size_t first_part = 0, n_parts = 0;  // to merge, with part kWhole
    std::size_t partials = 0;                 // where partial results of the run's group begin
  };
  struct AttentionPlan {  // the tasks of every layer with the same window
    std::size_t window = 0;
    std::vector<AttentionTask> tasks, merges;
    std::size_t partial_floats = 0;
  };
  void join_product(const Rows& rows, const Linear& linear, const Join& join);
  void add_rows(const float* y, const Join& join);

  void turn(float* x, std::size_t x_stride, std::size_t n_heads, std::size_t head_dim,
            RopePairs pairs, const Angles& angles, std::size_t begin, std::size_t end);
  void add_run(const Segment& segment);
  void plan_attention(AttentionPlan& plan);
  void plan_tiles(AttentionPlan& plan, std::size_t run);
  void plan_parts(AttentionPlan& plan, std::size_t run, std::size_t first_part,
                  std::size_t n_parts);
  void store_kv(std::size_t layer);
  void choose_fine_dims(std::size_t layer);
  const std::uint16_t* fine_dims(std::size_t layer, std::size_t kv_head) const {
    return fine_dims_.data() + (layer * config_.n_kv_heads + kv_head) * config_.fine_key_dims;
  }
  AttentionArgs attention_args(std::size_t layer, const AttentionTask& task, unsigned thread);
  void multiply_heads(const Rows& rows, const Matrix& stacked, float* y, std::size_t y_stride);

  void route(const Experts& w);
  void choose_experts(std::size_t token, const Experts& w);
  void sort_by_expert();
  void gather_rows();
  template <class Body>
  void for_each_expert_task(std::size_t rows_of_expert, Body&& body);
  MatmulArgs expert_args(const Rows& rows, const Matrix& stacked, std::size_t expert,
                         std::size_t row_begin, std::size_t row_end, unsigned thread);
  void expert_hidden(const Experts& w);
  void expert_output(const Experts& w);
  std::byte* scratch(unsigned thread);

  const ModelConfig& config_;
  const KernelTable& kernels_;
  ComputePool& pool_;
  const ActivationPrecision precision_;
  const HostTensors& tensors_;
  std::pmr::memory_resource& memory_;
  const std::size_t q_dim_, kv_dim_, attended_dim_;
  const std::size_t group_;     // query heads of one KV head that one attention call takes
  const std::size_t n_groups_;  // of them

  std::vector<Run> runs_;
  struct StoredRows {  // of the batch, to be kept at a run's positions from `position` on
    std::size_t run = 0, row = 0, n = 0, position = 0;
  };
  std::vector<StoredRows> stored_rows_;
  const float* key_bias_ = nullptr;          // of the layer being computed, or none
  RopePairs rope_pairs_{};                   // of the model
  std::vector<bool> has_fine_dims_;          // [layers]
  std::vector<std::uint16_t> fine_dims_;     // [layers, KV heads, fine_key_dims], ascending
  AttentionPlan full_plan_, windowed_plan_;  // of this batch
  std::size_t n_ = 0, capacity_ = 0;
  AlignedBuffer<float> x_, q_, k_, v_, partials_, branch_;
  Angles angles_, windowed_angles_;
  Rows normed_, attended_, hidden_;
  Rows* head_outputs_ = nullptr;                   // what the attention output is made of
  std::vector<AlignedBuffer<std::byte>> scratch_;  // one a thread
  std::vector<AlignedBuffer<float>> up_;           // one a thread: a task's rows of up * h

  AlignedBuffer<float> expanded_q_;  // latent attention: [n, heads * (nope + rope)]
  Rows q_rank_rows_, nope_, expanded_;

  AlignedBuffer<float> own_logits_;     // of a batch whose logits nobody wants to see
  std::span<const float> last_logits_;  // of the batch
  std::vector<TokenId> chosen_;

  AlignedBuffer<float> router_logits_, expert_output_;
  Rows routed_, routed_hidden_;
  std::vector<RoutedRow> uses_;              // [n * used], by token
  std::vector<std::uint32_t> expert_begin_;  // [experts + 1]: rows of each expert
};

}  // namespace engram
