// Qwen3 (Yang et al., 2025): Llama's block without biases, with every query and key head normalised
// on its own before RoPE turns its halves. The mixture-of-experts form routes each token to a few
// of many small feed-forwards, weighted by the softmax over all, renormalised over those used.
#include "engine/models/architecture.h"
#include "engine/models/blocks.h"

namespace engram {
namespace {

struct Layer {
  VectorId attention_norm;  // [d_model]
  SelfAttention attention;
  VectorId q_norm, k_norm;  // [head_dim]
  VectorId ffn_norm;        // [d_model]
  GatedFeedForward ffn;     // one of these two
  Experts experts;
};

class Qwen3 final : public Architecture {
 public:
  Qwen3(const ModelConfig& c, Weights& weights) : config_(c) {
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      Layer layer{.attention_norm = tensors.vector("attn_norm.weight", c.d_model),
                  .attention = read_attention(c, tensors),
                  .q_norm = tensors.vector("attn_q_norm.weight", c.head_dim),
                  .k_norm = tensors.vector("attn_k_norm.weight", c.head_dim),
                  .ffn_norm = tensors.vector("ffn_norm.weight", c.d_model),
                  .ffn = {},
                  .experts = {}};
      if (c.has_experts(i)) {
        layer.experts = read_experts(c, tensors);
      } else {
        layer.ffn = read_gated_feed_forward(c, tensors);
      }
      layers_.push_back(layer);
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm({w.attention_norm});
    decoder.project_qkv(w.attention.q, w.attention.k, w.attention.v);
    decoder.norm_heads(w.q_norm, w.k_norm);
    decoder.rope(RopePairs::kHalves);
    decoder.attend(index);
    decoder.add_attention_output(w.attention.output);
    decoder.norm({w.ffn_norm});
    if (config_.has_experts(index)) {
      decoder.expert_feed_forward(w.experts);
    } else {
      decoder.gated_feed_forward(w.ffn.gate, w.ffn.up, w.ffn.down);
    }
  }

 private:
  const ModelConfig& config_;
  std::vector<Layer> layers_;
};

void read_moe_keys(ConfigReader& read, ModelConfig& c) {
  read_experts_keys(read, c);
  c.experts.normalised = true;
}

std::unique_ptr<Architecture> make(const ModelConfig& config, Weights& weights) {
  return std::make_unique<Qwen3>(config, weights);
}

}  // namespace

constinit const Family kQwen3{
    .name = "qwen3", .models = "Qwen3", .read_keys = nullptr, .make = make};
constinit const Family kQwen3Moe{
    .name = "qwen3moe", .models = "Qwen3-Coder-30B-A3B", .read_keys = read_moe_keys, .make = make};

}  // namespace engram
