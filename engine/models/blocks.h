// engine/models/blocks.h: the tensors of the blocks that many families share.
//
// Matrices are [outputs, inputs]. A bias is none where the file has none.
#pragma once

#include <string>
#include <string_view>

#include "engine/config_reader.h"
#include "engine/decoder.h"
#include "engine/model_config.h"
#include "engine/weights.h"

namespace engram {

// The tensors of one layer by the part of the name after "blk.N.".
class LayerTensors {
 public:
  LayerTensors(Weights& weights, std::uint32_t layer) : weights_(weights), layer_(layer) {}

  MatrixId matrix(std::string_view part, std::size_t rows, std::size_t cols);
  // `n` matrices [rows, cols] behind each other: a 3-D tensor.
  MatrixId stack(std::string_view part, std::size_t n, std::size_t rows, std::size_t cols);
  // The same of experts: the stack "part_exps.weight", or, in older files, "part.0.weight" and so
  // on.
  MatrixId experts(std::string_view part, std::size_t n, std::size_t rows, std::size_t cols);
  VectorId vector(std::string_view part, std::size_t n);
  VectorId vector_if_present(std::string_view part, std::size_t n);
  bool has(std::string_view part) const { return weights_.has(name(part)); }
  // "part.weight" and, where the file has it, "part.bias".
  Linear linear(std::string_view part, std::size_t rows, std::size_t cols);

  std::string name(std::string_view part) const;  // with "blk.N."
  Weights& weights() { return weights_; }

 private:
  Weights& weights_;
  std::uint32_t layer_;
};

struct SelfAttention {
  Linear q, k, v;  // [heads * head_dim, d_model], kv heads for k and v
  Linear output;   // [d_model, heads * head_dim]
};
SelfAttention read_attention(const ModelConfig& config, LayerTensors& tensors);

struct GatedFeedForward {
  MatrixId gate, up;  // [d_ff, d_model]
  MatrixId down;      // [d_model, d_ff]
};
GatedFeedForward read_gated_feed_forward(const ModelConfig& config, LayerTensors& tensors);

// Routed experts: keys {expert_count, expert_used_count, ...} and tensors ffn_*_exps. Without a key
// expert_feed_forward_length they are as wide as feed_forward_length says.
void read_experts_keys(ConfigReader& read, ModelConfig& config);
Experts read_experts(const ModelConfig& config, LayerTensors& tensors);

}  // namespace engram
