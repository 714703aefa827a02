// Qwen2 (Yang et al., 2024), also Qwen2.5-Coder: Llama's block with biases on the query, key and
// value projections, and RoPE that turns the two halves of a head against each other.
#include "engine/models/architecture.h"
#include "engine/models/blocks.h"

namespace engram {
namespace {

struct Layer {
  VectorId attention_norm;  // [d_model]
  SelfAttention attention;
  VectorId ffn_norm;  // [d_model]
  GatedFeedForward ffn;
};

class Qwen2 final : public Architecture {
 public:
  Qwen2(const ModelConfig& c, Weights& weights) {
    const std::size_t q_dim = std::size_t{c.n_heads} * c.head_dim;
    const std::size_t kv_dim = std::size_t{c.n_kv_heads} * c.head_dim;
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      Layer layer{.attention_norm = tensors.vector("attn_norm.weight", c.d_model),
                  .attention = read_attention(c, tensors),
                  .ffn_norm = tensors.vector("ffn_norm.weight", c.d_model),
                  .ffn = read_gated_feed_forward(c, tensors)};
      layer.attention.q.bias = tensors.vector("attn_q.bias", q_dim);  // must be there
      layer.attention.k.bias = tensors.vector("attn_k.bias", kv_dim);
      layer.attention.v.bias = tensors.vector("attn_v.bias", kv_dim);
      layers_.push_back(layer);
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm({w.attention_norm});
    decoder.project_qkv(w.attention.q, w.attention.k, w.attention.v);
    decoder.rope(RopePairs::kHalves);
    decoder.attend(index);
    decoder.add_attention_output(w.attention.output);
    decoder.norm({w.ffn_norm});
    decoder.gated_feed_forward(w.ffn.gate, w.ffn.up, w.ffn.down);
  }

 private:
  std::vector<Layer> layers_;
};

}  // namespace

constinit const Family kQwen2{
    .name = "qwen2",
    .models = "Qwen2, Qwen2.5-Coder, DeepSeek-R1-Distill-Qwen",
    .read_keys = nullptr,
    .make = [](const ModelConfig& config, Weights& weights) -> std::unique_ptr<Architecture> {
      return std::make_unique<Qwen2>(config, weights);
    }};

}  // namespace engram
