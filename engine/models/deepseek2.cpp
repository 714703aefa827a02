// DeepSeek-V2 (2024), V3 and R1: multi-head latent attention, and, after a few dense layers, shared
// experts that see every token beside routed ones. V2 gates with a softmax, V3 with sigmoids, a
// bias that only selects, and experts limited to the best groups. RoPE turns a part of its own of
// queries and keys; where YaRN stretched the context, its magnitude goes into the scale of the
// scores.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/derived_weights.h"
#include "engine/models/architecture.h"
#include "engine/models/blocks.h"

namespace engram {
namespace {

struct Layer {
  VectorId attention_norm;  // [d_model]
  LatentAttention attention;
  Linear attention_output;  // [d_model, heads * value_dim]
  VectorId ffn_norm;        // [d_model]
  GatedFeedForward ffn;     // of dense layers; else the shared experts
  Experts experts;
};

LatentAttention read_latent_attention(const ModelConfig& c, LayerTensors& tensors) {
  const LatentConfig& l = c.latent;
  const std::size_t heads = c.n_heads, q_dim = heads * (l.nope_dim + l.rope_dim);
  LatentAttention w{
      .kv_down = tensors.matrix("attn_kv_a_mqa.weight", l.kv_rank + l.rope_dim, c.d_model),
      .kv_norm = tensors.vector("attn_kv_a_norm.weight", l.kv_rank)};
  if (tensors.has("attn_kv_b.weight") && !tensors.has("attn_k_b.weight")) {
    const KeyValueUp up = split_key_value_up(
        tensors.weights(), tensors.name("attn_kv_b.weight"),
        {.heads = heads, .nope = l.nope_dim, .value = l.value_dim, .rank = l.kv_rank});
    w.k_up = up.k_up;
    w.v_up = up.v_up;
  } else {
    w.k_up = tensors.stack("attn_k_b.weight", heads, l.kv_rank, l.nope_dim);
    w.v_up = tensors.stack("attn_v_b.weight", heads, l.value_dim, l.kv_rank);
  }
  if (l.q_rank == 0) {
    w.q_up = tensors.matrix("attn_q.weight", q_dim, c.d_model);
  } else {
    w.q_down = tensors.matrix("attn_q_a.weight", l.q_rank, c.d_model);
    w.q_norm = tensors.vector("attn_q_a_norm.weight", l.q_rank);
    w.q_up = tensors.matrix("attn_q_b.weight", q_dim, l.q_rank);
  }
  return w;
}

GatedFeedForward read_shared_experts(const ModelConfig& c, LayerTensors& tensors) {
  const std::uint32_t d_ff = c.experts.shared_d_ff;
  return {.gate = tensors.matrix("ffn_gate_shexp.weight", d_ff, c.d_model),
          .up = tensors.matrix("ffn_up_shexp.weight", d_ff, c.d_model),
          .down = tensors.matrix("ffn_down_shexp.weight", c.d_model, d_ff)};
}

class Deepseek2 final : public Architecture {
 public:
  Deepseek2(const ModelConfig& c, Weights& weights) : config_(c) {
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      LayerTensors tensors(weights, i);
      const std::size_t value_dim = std::size_t{c.n_heads} * c.latent.value_dim;
      Layer layer{.attention_norm = tensors.vector("attn_norm.weight", c.d_model),
                  .attention = read_latent_attention(c, tensors),
                  .attention_output = tensors.linear("attn_output", c.d_model, value_dim),
                  .ffn_norm = tensors.vector("ffn_norm.weight", c.d_model),
                  .ffn = {},
                  .experts = {}};
      if (!c.has_experts(i)) {
        layer.ffn = read_gated_feed_forward(c, tensors);
      } else {
        layer.experts = read_experts(c, tensors);
        if (c.experts.shared_d_ff > 0) layer.ffn = read_shared_experts(c, tensors);
      }
      layers_.push_back(layer);
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm({w.attention_norm});
    decoder.project_latent(w.attention);
    decoder.attend(index);
    decoder.expand_values(w.attention);
    decoder.add_attention_output(w.attention_output);
    decoder.norm({w.ffn_norm});
    if (config_.has_experts(index)) decoder.expert_feed_forward(w.experts);
    if (w.ffn.gate) decoder.gated_feed_forward(w.ffn.gate, w.ffn.up, w.ffn.down);
  }

 private:
  const ModelConfig& config_;
  std::vector<Layer> layers_;
};

// key_length and value_length are those of the cached latents, *_mla those of the expanded heads;
// files from before that distinction have the expanded heads' in the former.
void read_latent_keys(ConfigReader& read, ModelConfig& c) {
  LatentConfig& l = c.latent;
  l.kv_rank = read.size("attention.kv_lora_rank", 1024);
  l.q_rank = read.count_or("attention.q_lora_rank", 0, ConfigReader::kMaxSize);
  l.rope_dim = read.size("rope.dimension_count", 512);
  const std::string_view kind = read.has("attention.key_length_mla") ? "_mla" : "";
  const std::uint32_t expanded = read.size(fmt::format("attention.key_length{}", kind), 1024);
  l.value_dim = read.size(fmt::format("attention.value_length{}", kind), 1024);
  read.require(expanded > l.rope_dim,
               fmt::format("rope.dimension_count exceeds attention.key_length{}", kind));
  l.nope_dim = expanded > l.rope_dim ? expanded - l.rope_dim : 1;
  read.require(l.kv_rank % 32 == 0 && l.nope_dim % 32 == 0 && l.value_dim % 16 == 0 &&
                   l.rope_dim % 16 == 0 && l.q_rank % 32 == 0,
               fmt::format("latent attention of ranks {} and {} and heads of {} + {} and {} "
                           "dimensions is not supported",
                           l.q_rank, l.kv_rank, l.nope_dim, l.rope_dim, l.value_dim));
  read.require(l.kv_rank <= c.d_model && l.q_rank <= c.d_model,
               "the rank of a latent exceeds embedding_length");
  c.n_kv_heads = 1;
  c.head_dim = l.kv_rank + l.rope_dim;
  c.value_dim = l.kv_rank;
  c.attention_scale = 1.0F / std::sqrt(static_cast<float>(expanded));
}

void read_yarn_magnitude(ConfigReader& read, ModelConfig& c) {
  if (c.rope.scaling != RopeScaling::kYarn) return;
  const float per_log = read.not_negative("rope.scaling.yarn_log_multiplier", 0.0F);
  const float magnitude = 1.0F + per_log * std::log(std::max(c.rope.factor, 1.0F));
  c.attention_scale *= magnitude * magnitude;
  c.rope.magnitude = 1;
}

void read_keys(ConfigReader& read, ModelConfig& c) {
  read_latent_keys(read, c);
  read_yarn_magnitude(read, c);
  read_experts_keys(read, c);
  c.experts.leading_dense_layers = read.count_or("leading_dense_block_count", 0, c.n_layers);
  c.experts.shared_d_ff = c.experts.d_ff * read.count_or("expert_shared_count", 0, 64);
}

}  // namespace

constinit const Family kDeepseek2{
    .name = "deepseek2",
    .models = "DeepSeek-V2, V2-Lite, V3, R1, DeepSeek-Coder-V2",
    .read_keys = read_keys,
    .make = [](const ModelConfig& config, Weights& weights) -> std::unique_ptr<Architecture> {
      return std::make_unique<Deepseek2>(config, weights);
    }};

}  // namespace engram
