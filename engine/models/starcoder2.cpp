// StarCoder2 (Lozhkov et al., 2024): layer norms and projections all with biases, a plain GELU
// feed-forward of two matrices, RoPE on halves, and a sliding window where the file states one.
#include "engine/models/architecture.h"
#include "engine/models/blocks.h"

namespace engram {
namespace {

struct Layer {
  Norm attention_norm;
  SelfAttention attention;
  Norm ffn_norm;
  Linear up;    // [d_ff, d_model]
  Linear down;  // [d_model, d_ff]
};

class Starcoder2 final : public Architecture {
 public:
  Starcoder2(const ModelConfig& c, Weights& weights) {
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      layers_.push_back({.attention_norm = {tensors.vector("attn_norm.weight", c.d_model),
                                            tensors.vector("attn_norm.bias", c.d_model)},
                         .attention = read_attention(c, tensors),
                         .ffn_norm = {tensors.vector("ffn_norm.weight", c.d_model),
                                      tensors.vector("ffn_norm.bias", c.d_model)},
                         .up = tensors.linear("ffn_up", c.d_ff, c.d_model),
                         .down = tensors.linear("ffn_down", c.d_model, c.d_ff)});
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm(w.attention_norm);
    decoder.project_qkv(w.attention.q, w.attention.k, w.attention.v);
    decoder.rope(RopePairs::kHalves);
    decoder.attend(index);
    decoder.add_attention_output(w.attention.output);
    decoder.norm(w.ffn_norm);
    decoder.feed_forward(w.up, w.down, Nonlinearity::kGelu);
  }

 private:
  std::vector<Layer> layers_;
};

void read_keys(ConfigReader& read, ModelConfig& c) {
  c.norm = NormKind::kLayer;
  c.norm_eps = read.positive("attention.layer_norm_epsilon", 1e-5F);
  c.window = read.count_or("attention.sliding_window", 0, ConfigReader::kMaxSize);
}

}  // namespace

constinit const Family kStarcoder2{
    .name = "starcoder2",
    .models = "StarCoder2",
    .read_keys = read_keys,
    .make = [](const ModelConfig& config, Weights& weights) -> std::unique_ptr<Architecture> {
      return std::make_unique<Starcoder2>(config, weights);
    }};

}  // namespace engram
