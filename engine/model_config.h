// engine/model_config.h: the hyperparameters of a model, read from a GGUF's {architecture}.* keys
// and checked against each other.
//
// Threads: plain data and a pure function.  Errors: kCorrupt a key is missing, absurd or
// contradicts another (named); kInvalidArgument an unknown architecture (names it and the supported
// ones) or a feature of a known one that Engram does not compute.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace engram {

class GgufFile;

enum class NormKind : std::uint8_t { kRms, kLayer };
enum class RopeScaling : std::uint8_t { kNone, kLinear, kYarn };

struct RopeConfig {
  std::uint32_t dimensions = 0;  // that turn, of a head
  float base = 10000.0F;
  RopeScaling scaling = RopeScaling::kNone;
  float factor = 1;                    // by which the context was stretched
  std::uint32_t original_context = 0;  // YaRN: before that
  float beta_fast = 32,
        beta_slow = 1;  // YaRN: turns in the original context between which it fades
  float magnitude = 1;  // multiplies sines and cosines
};

enum class ExpertGating : std::uint8_t { kSoftmax, kSigmoid };

struct ExpertsConfig {
  std::uint32_t count = 0, used = 0;          // 0: no layer has experts
  std::uint32_t d_ff = 0, shared_d_ff = 0;    // of one routed expert; of all shared ones together
  std::uint32_t groups = 1, groups_used = 1;  // only experts of the best groups are eligible
  std::uint32_t leading_dense_layers = 0;
  ExpertGating gating = ExpertGating::kSoftmax;
  bool normalised = false;  // weights of the experts used sum to 1
  float scale = 1;          // multiplies them last
};

// Multi-head latent attention: keys and values are one latent vector, expanded by each head. In the
// absorbed form a head attends the latents themselves: head_dim = kv_rank + rope_dim and value_dim
// = kv_rank, with one KV head.
struct LatentConfig {
  std::uint32_t kv_rank = 0;                                // 0: no latent attention
  std::uint32_t q_rank = 0;                                 // 0: queries are projected directly
  std::uint32_t nope_dim = 0, rope_dim = 0, value_dim = 0;  // of a head, expanded
};

struct ModelConfig {
  std::string architecture;
  std::string name;
  std::uint32_t n_layers = 0;
  std::uint32_t d_model = 0;
  std::uint32_t n_heads = 0, n_kv_heads = 0;
  std::uint32_t head_dim = 0, value_dim = 0;  // of a cached key, of a cached value
  std::uint32_t fine_key_dims = 0;            // of a key, those kept as two halves: attention.h
  std::uint32_t d_ff = 0;
  std::uint32_t vocab_size = 0;
  std::uint32_t context_length = 0;
  bool tied_head = false;

  NormKind norm = NormKind::kRms;
  float norm_eps = 1e-5F;
  RopeConfig rope{};
  RopeConfig windowed_rope{};    // of layers with a window, where these differ (dimensions > 0)
  std::uint32_t window = 0;      // keys seen by layers with a sliding window; 0: there are none
  std::uint32_t full_every = 0;  // the last of this many layers sees everything; 0: none does
  std::uint32_t unrotated_every = 0;  // the last of this many layers has no RoPE; 0: all have it

  float embedding_scale = 1;    // multiplies token embeddings
  float residual_scale = 1;     // multiplies what a block adds to the residual stream
  float attention_scale = 1;    // multiplies q . k
  float attention_softcap = 0;  // 0: none
  float logit_scale = 1;        // multiplies logits
  float logit_softcap = 0;      // 0: none

  ExpertsConfig experts{};
  LatentConfig latent{};

  std::uint32_t key_dim() const { return head_dim + fine_key_dims; }  // of a cached key's tiles
  // Keys that the attention of a layer sees; 0: all.
  std::uint32_t window_of(std::size_t layer) const {
    const bool full = full_every != 0 && (layer + 1) % full_every == 0;
    return full ? 0 : window;
  }
  bool rotates(std::size_t layer) const {
    return unrotated_every == 0 || (layer + 1) % unrotated_every != 0;
  }
  bool has_experts(std::size_t layer) const {
    return experts.count > 0 && layer >= experts.leading_dense_layers;
  }
};

Result<ModelConfig> read_model_config(const GgufFile& file);

}  // namespace engram
