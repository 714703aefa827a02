// engine/transformer.h: a decoder-only transformer: token ids in, logits out.
//
// Owns the weights (repacked for the chosen kernels) and its compute threads; the KV cache of each
// sequence is separate. Same input, same bits: neither batch size, thread count nor what was
// cached changes a logit. Architectures are in engine/models/<architecture>.cpp.
//
// Threads: confined to the engine thread. forward() polls `stop` at least once a layer and batch.
// Errors: kInvalidArgument unknown architecture or tensor type (names it and the supported ones);
// kCorrupt missing or misshapen tensor (named); kBusy not enough memory (said before it happens);
// kCancelled: the cache then holds whole batches only, see KvCache::size().
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
#include "engine/tokenizer/tokenizer.h"

namespace engram {

struct ModelConfig {         // read from the GGUF's {architecture}.* keys
  std::string architecture;  // "llama", "qwen2"
  std::string name;
  std::uint32_t n_layers = 0;
  std::uint32_t d_model = 0;
  std::uint32_t n_heads = 0, n_kv_heads = 0, head_dim = 0;
  std::uint32_t d_ff = 0;
  std::uint32_t vocab_size = 0;
  std::uint32_t context_length = 0;
  float rms_eps = 1e-5F;
  float rope_base = 10000.0F;
  bool tied_head = false;
};

struct TransformerOptions {
  std::string kernels{};  // "ref", "avx2", "avx512"; empty: the best this machine has
  unsigned threads = 0;   // 0: number of cores
  // 16-bit activations in every product: for comparisons. Else engine/activation_precision.h.
  bool exact_activations = false;
  bool keep_packed = true;  // in the user\'s cache, so that the next start maps instead of packs
};

// Keys and values of one sequence. Position i holds token i of the sequence.
class KvCache {
 public:
  virtual ~KvCache() = default;
  virtual std::size_t size() const = 0;      // tokens held
  virtual std::size_t capacity() const = 0;  // tokens it can hold
  virtual std::size_t bytes() const = 0;
  virtual void truncate(std::size_t n) = 0;  // forget positions >= n; exact, costs nothing
};

class Transformer {
 public:
  static Result<std::unique_ptr<Transformer>> create(std::shared_ptr<const GgufFile> file,
                                                     const TransformerOptions& options);
  virtual ~Transformer() = default;

  virtual const ModelConfig& config() const = 0;
  virtual std::string_view kernels() const = 0;  // the table in use
  virtual unsigned threads() const = 0;
  virtual std::size_t weight_bytes() const = 0;  // read per decoded token
  virtual Result<std::unique_ptr<KvCache>> make_cache(std::size_t capacity) const = 0;

  // Appends `tokens` after cache.size() and writes the logits of the last `n_logits` of them to
  // `logits`, row-major [n_logits, vocab_size].  REQUIRES: n_logits <= tokens.size() and
  // cache.size() + tokens.size() <= cache.capacity().
  virtual Result<void> forward(KvCache& cache, std::span<const TokenId> tokens,
                               std::size_t n_logits, std::span<float> logits,
                               std::stop_token stop) = 0;
};

// Names of the kernel tables this build has and this machine can run, best first; "ref" is last.
std::vector<std::string_view> available_kernels();

}  // namespace engram
