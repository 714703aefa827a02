// Granite 3 (IBM, 2024): Llama's block with four multipliers: of embeddings, of what a block adds
// to the residual stream, of attention scores (instead of 1 / sqrt(head_dim)) and of logits.
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

class Granite final : public Architecture {
 public:
  Granite(const ModelConfig& c, Weights& weights) : joined_{.scale = c.residual_scale} {
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      layers_.push_back({.attention_norm = tensors.vector("attn_norm.weight", c.d_model),
                         .attention = read_attention(c, tensors),
                         .ffn_norm = tensors.vector("ffn_norm.weight", c.d_model),
                         .ffn = read_gated_feed_forward(c, tensors)});
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm({w.attention_norm});
    decoder.project_qkv(w.attention.q, w.attention.k, w.attention.v);
    decoder.rope(RopePairs::kAdjacent);
    decoder.attend(index);
    decoder.add_attention_output(w.attention.output, joined_);
    decoder.norm({w.ffn_norm});
    decoder.gated_feed_forward(w.ffn.gate, w.ffn.up, w.ffn.down, Nonlinearity::kSilu, joined_);
  }

 private:
  Join joined_;
  std::vector<Layer> layers_;
};

void read_keys(ConfigReader& read, ModelConfig& c) {
  c.embedding_scale = read.positive("embedding_scale", 1.0F);
  c.residual_scale = read.positive("residual_scale", 1.0F);
  c.attention_scale = read.positive("attention.scale", c.attention_scale);
  c.logit_scale = 1.0F / read.positive("logit_scale", 1.0F);
}

}  // namespace

constinit const Family kGranite{
    .name = "granite",
    .models = "Granite 3",
    .read_keys = read_keys,
    .make = [](const ModelConfig& config, Weights& weights) -> std::unique_ptr<Architecture> {
      return std::make_unique<Granite>(config, weights);
    }};

}  // namespace engram
