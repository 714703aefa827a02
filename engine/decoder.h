// engine/decoder.h: the operations a decoder-only architecture is written in.
//
// They work on the batch begun last: n rows of the residual stream x and, of each step, the rows
// that flow to the next. An architecture (engine/models/) calls them in the order its paper gives;
// a backend says where the rows are and who computes (engine/backend/backend.h). An operation only
// says what is to be done: it may return before it is, and nothing is to be seen of it but the
// logits, once the backend's queue has been waited for.
//
// A row's results depend on that row and the cache alone, whatever else is in the batch.
//
// Threads: confined to the engine thread.  Errors: those of the queue, when it is waited for.
#pragma once

#include <cstddef>
#include <span>

#include "engine/block_weights.h"
#include "engine/transformer.h"
#include "kernels/nonlinearity.h"
#include "kernels/rope.h"

namespace engram {

// A token that only the backend knows: what choose() of the last batch gave for a row of logits.
constexpr TokenId chosen_token(std::size_t row) { return -1 - static_cast<TokenId>(row); }
constexpr std::size_t chosen_row(TokenId token) { return static_cast<std::size_t>(-1 - token); }

class Decoder {
 public:
  static constexpr std::size_t kMaxBatch = 512;  // rows worked on at once

  virtual ~Decoder() = default;

  // Starts a batch: the rows of all segments, one after the other, each segment's after what its
  // cache holds. The segments are not looked at once this has returned.
  // REQUIRES: at most kMaxBatch rows; caches over this backend's KvMemory.
  virtual void begin(std::span<const Segment> segments) = 0;
  // x = the scaled embeddings of the batch's tokens.
  virtual void embed() = 0;

  // From x: the normalised input h of the next step.
  virtual void norm(const Norm& weights) = 0;

  // Attention. From h: queries, keys and values.
  virtual void project_qkv(const Linear& q, const Linear& k, const Linear& v) = 0;
  virtual void norm_heads(VectorId q_weight, VectorId k_weight) = 0;  // RMS norms of [head_dim]
  virtual void rope(RopePairs pairs, std::size_t layer = 0) = 0;
  virtual void attend(std::size_t layer) = 0;  // over the cache, after storing the batch's k and v
  virtual void add_attention_output(const Linear& output, const Join& join = {}) = 0;

  // Multi-head latent attention in absorbed form, instead of project_qkv, rope and after attend.
  virtual void project_latent(const LatentAttention& w) = 0;
  virtual void expand_values(const LatentAttention& w) = 0;

  // Feed-forwards of h.
  // y = down (f(gate h) * (up h))
  virtual void gated_feed_forward(MatrixId gate, MatrixId up, MatrixId down,
                                  Nonlinearity f = Nonlinearity::kSilu, const Join& join = {}) = 0;
  // y = down f(up h)
  virtual void feed_forward(const Linear& up, const Linear& down, Nonlinearity f,
                            const Join& join = {}) = 0;
  // x += sum over the chosen experts e of weight_e * down_e (silu(gate_e h) * (up_e h)); how they
  // are chosen is in ExpertsConfig.
  virtual void expert_feed_forward(const Experts& w) = 0;

  // Of the rows that want them: out = head * norm(x), scaled and capped as configured. Ends a
  // batch. `out` is written until the queue has been waited for; where it is empty the logits stay
  // with the backend.
  virtual void logits(const Norm& weights, MatrixId head, std::span<float> out) = 0;
  // Of the first out.size() rows of those logits: the token with the largest, the first among
  // equals, -1 where one is NaN. The batch that follows may name it as chosen_token(row), so that
  // decoding can go on without waiting for `out`.
  virtual void choose(std::span<TokenId> out) = 0;
};

}  // namespace engram
