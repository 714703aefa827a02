// Gemma 2 (Riviere et al., 2024) and the text side of Gemma 3 (Kamath et al., 2025): norms before
// and after each block, GeGLU, embeddings times sqrt(d_model), and layers with a sliding window
// between layers that see everything. Gemma 2 alternates the two and caps attention scores and
// logits softly; Gemma 3 has five windowed layers to one, normalises query and key heads instead,
// and turns the windowed layers at their own RoPE base. The files store norm weights with 1 added.
#include <cmath>

#include "engine/models/architecture.h"
#include "engine/models/blocks.h"

namespace engram {
namespace {

struct Layer {
  VectorId attention_norm;  // [d_model], as all but the next
  SelfAttention attention;
  VectorId q_norm, k_norm;  // [head_dim], none for Gemma 2
  VectorId post_attention_norm;
  VectorId ffn_norm;
  GatedFeedForward ffn;
  VectorId post_ffn_norm;
};

class Gemma final : public Architecture {
 public:
  Gemma(const ModelConfig& c, Weights& weights, bool normalises_heads) {
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      const auto head_norm = [&](std::string_view part) {
        return normalises_heads ? tensors.vector(part, c.head_dim) : VectorId{};
      };
      layers_.push_back(
          {.attention_norm = tensors.vector("attn_norm.weight", c.d_model),
           .attention = read_attention(c, tensors),
           .q_norm = head_norm("attn_q_norm.weight"),
           .k_norm = head_norm("attn_k_norm.weight"),
           .post_attention_norm = tensors.vector("post_attention_norm.weight", c.d_model),
           .ffn_norm = tensors.vector("ffn_norm.weight", c.d_model),
           .ffn = read_gated_feed_forward(c, tensors),
           .post_ffn_norm = tensors.vector("post_ffw_norm.weight", c.d_model)});
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm({w.attention_norm});
    decoder.project_qkv(w.attention.q, w.attention.k, w.attention.v);
    if (w.q_norm) decoder.norm_heads(w.q_norm, w.k_norm);
    decoder.rope(RopePairs::kHalves, index);
    decoder.attend(index);
    decoder.add_attention_output(w.attention.output, {.norm = w.post_attention_norm});
    decoder.norm({w.ffn_norm});
    decoder.gated_feed_forward(w.ffn.gate, w.ffn.up, w.ffn.down, Nonlinearity::kGelu,
                               {.norm = w.post_ffn_norm});
  }

 private:
  std::vector<Layer> layers_;
};

// The largest model of each generation scales scores by its width per head, which its file does not
// say; its number of layers gives it away.
void read_scales(ConfigReader& read, ModelConfig& c, std::uint32_t layers_of_largest) {
  c.embedding_scale = std::sqrt(static_cast<float>(c.d_model));
  if (c.n_layers == layers_of_largest) {
    c.attention_scale =
        1.0F / std::sqrt(static_cast<float>(c.d_model) / static_cast<float>(c.n_heads));
  }
  c.attention_scale = read.positive("attention.scale", c.attention_scale);
}

void read_gemma2_keys(ConfigReader& read, ModelConfig& c) {
  read_scales(read, c, 46);
  c.window = read.size_or("attention.sliding_window", 4096);
  c.full_every = 2;
  c.attention_softcap = read.not_negative("attn_logit_softcapping", 50.0F);
  c.logit_softcap = read.not_negative("final_logit_softcapping", 30.0F);
}

void read_gemma3_keys(ConfigReader& read, ModelConfig& c) {
  read_scales(read, c, 62);
  c.rope.base = read.positive("rope.freq_base", 1e6F);
  c.window = read.count_or("attention.sliding_window", 0, ConfigReader::kMaxSize);
  c.full_every = read.size_or("attention.sliding_window_pattern", 6);
  c.windowed_rope.dimensions = c.rope.dimensions;
  c.windowed_rope.base = read.positive("rope.freq_base_swa", 10000.0F);
  c.logit_softcap = read.not_negative("final_logit_softcapping", 0.0F);
}

}  // namespace

constinit const Family kGemma2{
    .name = "gemma2",
    .models = "Gemma 2",
    .read_keys = read_gemma2_keys,
    .make = [](const ModelConfig& config, Weights& weights) -> std::unique_ptr<Architecture> {
      return std::make_unique<Gemma>(config, weights, false);
    }};
constinit const Family kGemma3{
    .name = "gemma3",
    .models = "Gemma 3 (text)",
    .read_keys = read_gemma3_keys,
    .make = [](const ModelConfig& config, Weights& weights) -> std::unique_ptr<Architecture> {
      return std::make_unique<Gemma>(config, weights, true);
    }};

}  // namespace engram
