// engine/block_weights.h: the weights of one operation of Decoder, as an architecture hands them
// over.
//
// Matrices are [outputs, inputs] and belong to Weights.  Threads: plain data.
#pragma once

#include "kernels/matmul.h"

namespace engram {

struct Linear {  // w x + bias
  const Matrix* weight = nullptr;
  const float* bias = nullptr;
};

struct Norm {  // of the model's kind
  const float* weight = nullptr;
  const float* bias = nullptr;  // of layer norms
};

struct Join {  // how the result y of a block joins the residual stream: x += scale * rms_norm(y)
  const float* norm = nullptr;  // null: y as it is
  float scale = 1;
};

// Multi-head latent attention in absorbed form; sizes are those of LatentConfig.
struct LatentAttention {
  const Matrix* q_down = nullptr;   // [q_rank, d_model]; null: q_up is [.., d_model]
  const float* q_norm = nullptr;    // [q_rank]
  const Matrix* q_up = nullptr;     // [heads * (nope + rope), q_rank]
  const Matrix* kv_down = nullptr;  // [kv_rank + rope, d_model]
  const float* kv_norm = nullptr;   // [kv_rank]
  const Matrix* k_up = nullptr;     // [heads * kv_rank, nope]: W_uk of each head, transposed
  const Matrix* v_up = nullptr;     // [heads * value, kv_rank]
};

// Routed experts; sizes and how they are chosen are in ExpertsConfig.
struct Experts {
  const Matrix* router = nullptr;               // [experts, d_model]
  const float* selection_bias = nullptr;        // [experts] or none
  const Matrix *gate = nullptr, *up = nullptr;  // [experts * d_ff, d_model]
  const Matrix* down = nullptr;                 // [experts * d_model, d_ff]
};

}  // namespace engram
