#include "engine/models/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/derived_weights.h"

namespace engram {

std::string LayerTensors::name(std::string_view part) const {
  return fmt::format("blk.{}.{}", layer_, part);
}

MatrixId LayerTensors::matrix(std::string_view part, std::size_t rows, std::size_t cols) {
  return weights_.matrix(name(part), rows, cols);
}

MatrixId LayerTensors::stack(std::string_view part, std::size_t n, std::size_t rows,
                             std::size_t cols) {
  return weights_.matrix(name(part), n * rows, cols);
}

MatrixId LayerTensors::experts(std::string_view part, std::size_t n, std::size_t rows,
                               std::size_t cols) {
  const std::string stacked = fmt::format("{}_exps.weight", part);
  if (weights_.has(name(stacked)) || !weights_.has(name(fmt::format("{}.0.weight", part)))) {
    return stack(stacked, n, rows, cols);
  }
  std::vector<std::string> parts;
  for (std::size_t e = 0; e < n; ++e) parts.push_back(name(fmt::format("{}.{}.weight", part, e)));
  return stack_matrices(weights_, name(stacked), parts, rows, cols);
}

VectorId LayerTensors::vector(std::string_view part, std::size_t n) {
  return weights_.vector(name(part), n);
}

VectorId LayerTensors::vector_if_present(std::string_view part, std::size_t n) {
  return weights_.has(name(part)) ? weights_.vector(name(part), n) : VectorId{};
}

Linear LayerTensors::linear(std::string_view part, std::size_t rows, std::size_t cols) {
  return {matrix(std::string(part) + ".weight", rows, cols),
          vector_if_present(std::string(part) + ".bias", rows)};
}

SelfAttention read_attention(const ModelConfig& c, LayerTensors& tensors) {
  const std::size_t q_dim = std::size_t{c.n_heads} * c.head_dim;
  const std::size_t k_dim = std::size_t{c.n_kv_heads} * c.head_dim;
  const std::size_t v_dim = std::size_t{c.n_kv_heads} * c.value_dim;
  return {.q = tensors.linear("attn_q", q_dim, c.d_model),
          .k = tensors.linear("attn_k", k_dim, c.d_model),
          .v = tensors.linear("attn_v", v_dim, c.d_model),
          .output = tensors.linear("attn_output", c.d_model, std::size_t{c.n_heads} * c.value_dim)};
}

GatedFeedForward read_gated_feed_forward(const ModelConfig& c, LayerTensors& tensors) {
  return {.gate = tensors.matrix("ffn_gate.weight", c.d_ff, c.d_model),
          .up = tensors.matrix("ffn_up.weight", c.d_ff, c.d_model),
          .down = tensors.matrix("ffn_down.weight", c.d_model, c.d_ff)};
}

void read_experts_keys(ConfigReader& read, ModelConfig& c) {
  constexpr std::uint64_t kMaxExperts = 4096, kMaxUsed = 64;
  ExpertsConfig& e = c.experts;
  e.count = read.size("expert_count", kMaxExperts);
  e.used = read.size("expert_used_count", kMaxUsed);
  e.d_ff = read.size_or("expert_feed_forward_length", c.d_ff);
  e.groups = std::max(read.count_or("expert_group_count", 1, kMaxExperts), 1U);
  e.groups_used = std::max(read.count_or("expert_group_used_count", e.groups, kMaxExperts), 1U);
  e.scale = read.not_negative("expert_weights_scale", 1.0F);
  if (e.scale == 0) e.scale = 1;
  e.normalised = read.flag("expert_weights_norm", false);
  const std::uint32_t gating = read.count_or("expert_gating_func", 1, 1000);
  if (gating != 1 && gating != 2) {
    read.unsupported(
        fmt::format("expert gating {} is not supported; 1 (softmax) and 2 (sigmoid) are", gating));
  }
  e.gating = gating == 2 ? ExpertGating::kSigmoid : ExpertGating::kSoftmax;
  read.require(e.d_ff % 16 == 0 && c.d_model % 16 == 0,
               fmt::format("experts of {} by {} are not supported", e.d_ff, c.d_model));
  read.require(e.count % e.groups == 0, "expert_count is not a multiple of expert_group_count");
  read.require(e.groups_used <= e.groups, "expert_group_used_count exceeds expert_group_count");
  read.require(e.used <= std::uint64_t{e.count / e.groups} * e.groups_used,
               "expert_used_count exceeds the experts there are to choose from");
}

Experts read_experts(const ModelConfig& c, LayerTensors& tensors) {
  const ExpertsConfig& e = c.experts;
  return {.router = tensors.matrix("ffn_gate_inp.weight", e.count, c.d_model),
          .selection_bias = tensors.vector_if_present("exp_probs_b.bias", e.count),
          .gate = tensors.experts("ffn_gate", e.count, e.d_ff, c.d_model),
          .up = tensors.experts("ffn_up", e.count, e.d_ff, c.d_model),
          .down = tensors.experts("ffn_down", e.count, c.d_model, e.d_ff)};
}

}  // namespace engram
