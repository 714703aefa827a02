// Llama (Touvron et al., 2023), also SmolLM2: pre-normalised blocks of grouped-query attention with
// rotary positions and a SwiGLU feed-forward. GGUF permutes the rows of Q and K so that the pairs
// RoPE turns are adjacent. Llama 3.1 divides the turning speeds by the tensor rope_freqs.
//
// Mixtral (Jiang et al., 2024) is the same with a few of several such feed-forwards for each token,
// weighted by the softmax over those used.
//
// SmolLM3 (Bakouch et al., 2025) leaves RoPE out of every fourth layer (NoPE).
#include "engine/models/architecture.h"
#include "engine/models/blocks.h"

namespace engram {
namespace {

struct Layer {
  VectorId attention_norm;  // [d_model]
  SelfAttention attention;
  VectorId ffn_norm;     // [d_model]
  GatedFeedForward ffn;  // one of these two
  Experts experts;
};

class Llama final : public Architecture {
 public:
  Llama(const ModelConfig& c, Weights& weights) : config_(c) {
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      Layer layer{.attention_norm = tensors.vector("attn_norm.weight", c.d_model),
                  .attention = read_attention(c, tensors),
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
    if (config_.rotates(index)) decoder.rope(RopePairs::kAdjacent);
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

void read_keys(ConfigReader& read, ModelConfig& c) {
  if (read.count_or("expert_count", 0, ConfigReader::kMaxSize) == 0) return;
  read_experts_keys(read, c);
  c.experts.normalised = true;
}

std::unique_ptr<Architecture> make(const ModelConfig& config, Weights& weights) {
  return std::make_unique<Llama>(config, weights);
}

}  // namespace

constinit const Family kLlama{.name = "llama",
                              .models = "Llama 2 and 3, Code Llama, Mistral, Mixtral, SmolLM2",
                              .read_keys = read_keys,
                              .make = make};

constinit const Family kSmolLm3{
    .name = "smollm3",
    .models = "SmolLM3",
    .read_keys = [](ConfigReader&, ModelConfig& c) { c.unrotated_every = 4; },
    .make = make};

}  // namespace engram
