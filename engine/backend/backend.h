// engine/backend/backend.h: where a model's weights, KV pages and activations are, and who
// computes.
//
// The engine says what is to be done (Decoder) and in which order (WorkQueue); it never sees the
// memory. Weights are handed over once and then named by their ids; KV pages are numbers; the only
// data that comes back is logits, copied to where the engine asked for them. engine/host/ is this
// machine's processor; docs/design/005-backends.md says what another one has to bring.
//
// Threads: confined to the engine thread.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string_view>

#include "core/result.h"
#include "engine/backend/work_queue.h"
#include "engine/decoder.h"
#include "engine/kv_cache.h"
#include "engine/model_config.h"
#include "engine/weights.h"

namespace engram {

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view kernels() const = 0;  // the table in use
  virtual unsigned threads() const = 0;

  // Takes over the weights, in whatever form it works with.
  // Errors: kCorrupt NaN or infinity in a matrix; kBusy not enough memory; kCancelled.
  virtual Result<void> load(WeightSources sources, std::stop_token stop) = 0;
  virtual std::size_t weight_bytes() const = 0;  // of matrices, as they are read
  // A mapped file could not be read: results since then are worthless. From any thread.
  virtual bool damaged() const = 0;

  virtual std::size_t kv_page_bytes() const = 0;
  // kBusy: there is no room. The memory outlives the backend if need be, but is of no use then.
  virtual Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) = 0;

  // Memory of the host that results are copied to without a detour: pinned, where that matters.
  virtual std::shared_ptr<float[]> make_staging(std::size_t n) {
    return std::make_shared_for_overwrite<float[]>(n);
  }

  virtual WorkQueue& queue() = 0;
  virtual Decoder& decoder() = 0;  // REQUIRES: load() was successful
};

// A kind of backend by its name.
struct BackendKind {
  std::string_view name;
  // `config` outlives the backend.
  Result<std::unique_ptr<Backend>> (*make)(const ModelConfig& config,
                                           const TransformerOptions& options);
};
extern const BackendKind kHostBackend;  // "host", the default

// Makes one more kind known, before any model is loaded.  REQUIRES: `kind` lives for ever.
void add_backend_kind(const BackendKind& kind);
// Empty: the one that ENGRAM_BACKEND names, else the host. kInvalidArgument names those there are.
Result<const BackendKind*> find_backend_kind(std::string_view name);

}  // namespace engram
