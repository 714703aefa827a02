// engine/transformer.h: a decoder-only transformer: token ids in, logits out.
//
// Owns a backend, and through it the weights; the KV cache of each sequence is separate. Same
// input, same bits: neither batch size, thread count nor what was cached changes a logit.
// Architectures are in engine/models/<architecture>.cpp.
//
// Threads: confined to the engine thread. forward() polls `stop` at least once a layer and batch.
// Errors: kInvalidArgument unknown architecture or tensor type (names it and the supported ones);
// kCorrupt missing or misshapen tensor (named); kBusy not enough memory (said before it happens);
// kCancelled: the caches then hold whole batches only, see KvCache::size(). Where a
// backend works on its own, only a pass that wants logits is waited for; an error of an earlier one
// is reported then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/gguf.h"
#include "engine/kv_cache.h"
#include "engine/model_config.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

struct TransformerOptions {
  std::string kernels{};  // "ref", "avx2", "avxvnni", "avx512"; empty: the best here
  unsigned threads = 0;   // 0: number of cores
  // False: 16-bit activations in every product, so that the first token is PyTorch's. True: 8 bits
  // where engine/host/activation_precision.h lets them do: prompts are read up to twice as fast,
  // and of two tokens that the model finds about as likely the other may come first.
  bool mixed_activations = false;
  bool keep_packed = true;  // in the user's cache, so that the next start maps instead of packs
  std::string backend{};    // engine/backend/backend.h; empty: ENGRAM_BACKEND, else "host"
};

// Rows of one forward pass that belong to one sequence: they follow cache->size().
//
// A branch goes another way after the first rows of an earlier segment: those are not computed
// again, only their keys and values are put into its cache too. Its own rows follow them.
struct Segment {
  KvCache* cache = nullptr;  // of this transformer's memory; room for shared and own tokens
  std::span<const TokenId> tokens{};
  std::size_t n_logits = 0;  // wanted for the last so many tokens
  std::size_t trunk = 0;     // of a branch: the segment it leaves, itself none; same cache size
  std::size_t n_shared = 0;  // of a branch: that segment's first rows, at least one
};

class Transformer {
 public:
  // Obeys `stop` within some milliseconds' packing or checking of weights: kCancelled.
  static Result<std::unique_ptr<Transformer>> create(std::shared_ptr<const GgufFile> file,
                                                     const TransformerOptions& options,
                                                     std::stop_token stop = {});
  virtual ~Transformer() = default;

  virtual const ModelConfig& config() const = 0;
  virtual std::string_view kernels() const = 0;  // the table in use
  virtual unsigned threads() const = 0;
  virtual std::size_t weight_bytes() const = 0;  // read per decoded token
  virtual std::size_t kv_page_bytes() const = 0;
  virtual Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) const = 0;
  // A mapped file could not be read: what was computed since is worthless. From any thread.
  virtual bool damaged() const { return false; }
  // Memory for logits; forward() takes any, and is fastest with this.
  virtual std::shared_ptr<float[]> make_staging(std::size_t n) const {
    return std::make_shared_for_overwrite<float[]>(n);
  }
  // A sequence with memory of its own.
  Result<std::unique_ptr<KvCache>> make_cache(std::size_t capacity) const;

  // Appends the tokens of every segment to its cache and writes the logits asked for to `logits`,
  // row-major, segment after segment.  REQUIRES: the caches differ and have room; n_logits <=
  // tokens.size(). Segments of more than one pass's rows (a prompt) come alone.
  virtual Result<void> forward(std::span<const Segment> segments, std::span<float> logits,
                               std::stop_token stop) = 0;
  Result<void> forward(KvCache& cache, std::span<const TokenId> tokens, std::size_t n_logits,
                       std::span<float> logits, std::stop_token stop) {
    const Segment segment{&cache, tokens, n_logits};
    return forward(std::span(&segment, 1), logits, std::move(stop));
  }
  // `out` = the likeliest tokens after `first`, one after the other, each appended to the cache but
  // the last. What was chosen never leaves the backend in between: one wait for all.
  // REQUIRES: room in the cache. Errors as above, after which the cache is as it was; kCorrupt NaN
  // among the logits.
  virtual Result<void> decode_greedily(KvCache& cache, TokenId first, std::span<TokenId> out,
                                       std::stop_token stop) = 0;
};

// Names of the kernel tables this build has and this machine can run, best first; "ref" is last.
std::vector<std::string_view> available_kernels();

}  // namespace engram
