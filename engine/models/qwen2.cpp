// Qwen2 (Yang et al., 2024), also Qwen2.5-Coder: Llama's block with biases on the query, key and
// value projections, and RoPE that turns the two halves of a head against each other.
#include <fmt/format.h>

#include "engine/models/architecture.h"

namespace engram {
namespace {

struct Layer {
  const float* attention_norm;  // [d_model]
  const Matrix *q, *k, *v;      // [heads * head_dim, d_model], kv heads for k and v
  const float *q_bias, *k_bias, *v_bias;
  const Matrix* attention_output;  // [d_model, heads * head_dim]
  const float* ffn_norm;           // [d_model]
  const Matrix *gate, *up;         // [d_ff, d_model]
  const Matrix* down;              // [d_model, d_ff]
};

class Qwen2 final : public Architecture {
 public:
  Qwen2(const ModelConfig& c, Weights& weights) {
    const std::size_t q_dim = std::size_t{c.n_heads} * c.head_dim;
    const std::size_t kv_dim = std::size_t{c.n_kv_heads} * c.head_dim;
    for (std::uint32_t i = 0; i < c.n_layers; ++i) {
      const auto name = [&](std::string_view part) { return fmt::format("blk.{}.{}", i, part); };
      layers_.push_back({
          .attention_norm = weights.vector(name("attn_norm.weight"), c.d_model),
          .q = weights.matrix(name("attn_q.weight"), q_dim, c.d_model),
          .k = weights.matrix(name("attn_k.weight"), kv_dim, c.d_model),
          .v = weights.matrix(name("attn_v.weight"), kv_dim, c.d_model),
          .q_bias = weights.vector(name("attn_q.bias"), q_dim),
          .k_bias = weights.vector(name("attn_k.bias"), kv_dim),
          .v_bias = weights.vector(name("attn_v.bias"), kv_dim),
          .attention_output = weights.matrix(name("attn_output.weight"), c.d_model, q_dim),
          .ffn_norm = weights.vector(name("ffn_norm.weight"), c.d_model),
          .gate = weights.matrix(name("ffn_gate.weight"), c.d_ff, c.d_model),
          .up = weights.matrix(name("ffn_up.weight"), c.d_ff, c.d_model),
          .down = weights.matrix(name("ffn_down.weight"), c.d_model, c.d_ff),
      });
    }
  }

  void layer(std::size_t index, Decoder& decoder) const override {
    const Layer& w = layers_[index];
    decoder.norm(w.attention_norm);
    decoder.project_qkv({w.q, w.q_bias}, {w.k, w.k_bias}, {w.v, w.v_bias});
    decoder.rope(RopePairs::kHalves);
    decoder.attend(index);
    decoder.add_attention_output(*w.attention_output);
    decoder.norm(w.ffn_norm);
    decoder.gated_feed_forward(*w.gate, *w.up, *w.down);
  }

 private:
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Architecture> make_qwen2(const ModelConfig& config, Weights& weights) {
  return std::make_unique<Qwen2>(config, weights);
}

}  // namespace engram
