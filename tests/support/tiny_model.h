// tests/support/tiny_model.h: small GGUF models of seeded weights, made in memory.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "kernels/half.h"
#include "tests/support/gguf_builder.h"

namespace engram::test {

struct TinyModel {
  std::string architecture = "llama";
  std::uint32_t layers = 2, d_model = 64, heads = 4, kv_heads = 2, d_ff = 160, vocab = 97;
  std::uint32_t context = 2048;
  TensorType type = TensorType::kQ8_0;  // of the matrices; F32 or Q8_0
  bool own_head = false;
  std::string without{};                             // a tensor to leave out
  std::function<void(GgufBuilder&)> more_keys = {};  // added last
};

class TinyModelWriter {
 public:
  explicit TinyModelWriter(const TinyModel& model) : m_(model) {}

  std::string bytes() {
    const std::string& a = m_.architecture;
    gguf_.key("general.architecture", a);
    gguf_.key(a + ".block_count", m_.layers);
    gguf_.key(a + ".embedding_length", m_.d_model);
    gguf_.key(a + ".attention.head_count", m_.heads);
    gguf_.key(a + ".attention.head_count_kv", m_.kv_heads);
    gguf_.key(a + ".feed_forward_length", m_.d_ff);
    gguf_.key(a + ".context_length", m_.context);
    gguf_.key(a + ".attention.layer_norm_rms_epsilon", 1e-5F);
    gguf_.key(a + ".rope.freq_base", 10000.0F);
    if (m_.more_keys) m_.more_keys(gguf_);
    matrix("token_embd.weight", m_.d_model, m_.vocab);
    for (std::uint32_t i = 0; i < m_.layers; ++i) layer(fmt::format("blk.{}.", i));
    vector("output_norm.weight", m_.d_model, 1);
    if (m_.own_head) matrix("output.weight", m_.d_model, m_.vocab);
    return gguf_.bytes();
  }

 private:
  void layer(const std::string& prefix) {
    const std::uint32_t head_dim = m_.d_model / m_.heads;
    const std::uint32_t q = head_dim * m_.heads, kv = head_dim * m_.kv_heads;
    vector(prefix + "attn_norm.weight", m_.d_model, 1);
    matrix(prefix + "attn_q.weight", m_.d_model, q);
    matrix(prefix + "attn_k.weight", m_.d_model, kv);
    matrix(prefix + "attn_v.weight", m_.d_model, kv);
    if (m_.architecture == "qwen2") {
      vector(prefix + "attn_q.bias", q, 0);
      vector(prefix + "attn_k.bias", kv, 0);
      vector(prefix + "attn_v.bias", kv, 0);
    }
    matrix(prefix + "attn_output.weight", q, m_.d_model);
    vector(prefix + "ffn_norm.weight", m_.d_model, 1);
    matrix(prefix + "ffn_gate.weight", m_.d_model, m_.d_ff);
    matrix(prefix + "ffn_up.weight", m_.d_model, m_.d_ff);
    matrix(prefix + "ffn_down.weight", m_.d_ff, m_.d_model);
  }

  void add(const std::string& name, const std::vector<std::uint64_t>& shape, TensorType type,
           const std::string& data) {
    if (name != m_.without) gguf_.tensor(name, shape, type, as_byte_span(data));
  }
  void vector(const std::string& name, std::uint64_t n, float middle) {
    std::string data;
    for (std::uint64_t i = 0; i < n; ++i) put_float(data, middle + 0.1F * normal());
    add(name, {n}, TensorType::kF32, data);
  }
  void matrix(const std::string& name, std::uint64_t cols, std::uint64_t rows) {
    const float size = 1.5F / std::sqrt(static_cast<float>(cols));
    std::string data;
    if (m_.type == TensorType::kF32) {
      for (std::uint64_t i = 0; i < cols * rows; ++i) put_float(data, size * normal());
    } else {
      for (std::uint64_t i = 0; i < cols * rows / 32; ++i) put_q8_block(data, size);
    }
    add(name, {cols, rows}, m_.type, data);
  }
  void put_q8_block(std::string& out, float size) {
    GgufBuilder::put(out, half_from_float(size / 60));
    for (int i = 0; i < 32; ++i) {
      const float value = std::min(127.0F, std::max(-127.0F, 60 * normal()));
      out.push_back(static_cast<char>(std::lround(value)));
    }
  }
  static void put_float(std::string& out, float value) {
    GgufBuilder::put(out, std::bit_cast<std::uint32_t>(value));
  }
  float normal() { return normal_(random_); }

  TinyModel m_;
  GgufBuilder gguf_;
  std::mt19937 random_{42};
  std::normal_distribution<float> normal_;
};

}  // namespace engram::test
