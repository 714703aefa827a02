// engine/block_weights.h: the weights of one operation of Decoder, as an architecture hands them
// over.
//
// Weights are named, never pointed at: what an id stands for lies in the memory of a backend, which
// need not be this process's. Matrices are [outputs, inputs].  Threads: plain data.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

template <class Kind>
struct WeightId {  // of the model's matrices or vectors, in the order they were asked for
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t index = kNone;
  explicit operator bool() const { return index != kNone; }
};
using MatrixId = WeightId<struct MatrixKind>;
using VectorId = WeightId<struct VectorKind>;

struct Linear {  // w x + bias
  MatrixId weight{};
  VectorId bias{};  // or none
};

struct Norm {  // of the model's kind
  VectorId weight{};
  VectorId bias{};  // of layer norms
};

struct Join {  // how the result y of a block joins the residual stream: x += scale * rms_norm(y)
  VectorId norm{};  // none: y as it is
  float scale = 1;
};

// Multi-head latent attention in absorbed form; sizes are those of LatentConfig.
struct LatentAttention {
  MatrixId q_down{};   // [q_rank, d_model]; none: q_up is [.., d_model]
  VectorId q_norm{};   // [q_rank]
  MatrixId q_up{};     // [heads * (nope + rope), q_rank]
  MatrixId kv_down{};  // [kv_rank + rope, d_model]
  VectorId kv_norm{};  // [kv_rank]
  MatrixId k_up{};     // [heads * kv_rank, nope]: W_uk of each head, transposed
  MatrixId v_up{};     // [heads * value, kv_rank]
};

// Routed experts; sizes and how they are chosen are in ExpertsConfig.
struct Experts {
  MatrixId router{};          // [experts, d_model]
  VectorId selection_bias{};  // [experts] or none
  MatrixId gate{}, up{};      // [experts * d_ff, d_model]
  MatrixId down{};            // [experts * d_model, d_ff]
};

}  // namespace engram
