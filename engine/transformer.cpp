#include "engine/transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/check.h"
#include "engine/backend/backend.h"
#include "engine/finite_weights.h"
#include "engine/models/architecture.h"
#include "kernels/kernel_table.h"

namespace engram {
namespace {

constexpr std::size_t kMostCapturedRows = 16;  // longer passes are prompts

class BackendTransformer final : public Transformer {
 public:
  BackendTransformer(std::shared_ptr<const GgufFile> file, ModelConfig config)
      : file_(std::move(file)), config_(std::move(config)) {}

  Result<void> load(const BackendKind& kind, const TransformerOptions& options,
                    const std::stop_token& stop);

  const ModelConfig& config() const override { return config_; }
  std::string_view kernels() const override { return backend_->kernels(); }
  unsigned threads() const override { return backend_->threads(); }
  std::size_t weight_bytes() const override { return backend_->weight_bytes(); }
  std::size_t kv_page_bytes() const override { return backend_->kv_page_bytes(); }
  bool damaged() const override { return backend_->damaged(); }
  Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) const override {
    return backend_->make_kv_memory(n_pages);
  }
  std::shared_ptr<float[]> make_staging(std::size_t n) const override {
    return backend_->make_staging(n);
  }

  using Transformer::forward;
  Result<void> forward(std::span<const Segment> segments, std::span<float> logits,
                       std::stop_token stop) override;
  Result<void> decode_greedily(KvCache& cache, TokenId first, std::span<TokenId> out,
                               std::stop_token stop) override;

 private:
  Result<void> check(std::span<const Segment> segments, std::span<float> logits) const;
  Result<void> check_tokens(std::span<const TokenId> tokens) const;
  Result<void> run_batch(std::span<const Segment> segments, std::span<float> logits,
                         const std::stop_token& stop);
  void submit_layers(std::span<const Segment> segments, const std::stop_token& stop);
  void submit_captured(std::size_t n_rows, std::size_t n_segments);
  Result<void> wait();

  std::shared_ptr<const GgufFile> file_;
  ModelConfig config_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Architecture> model_;
  Norm norm_;
  MatrixId head_;
  // By rows and segments: the layers of short passes, where the backend captures.
  std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<WorkQueue::Graph>> graphs_;
};

Result<void> BackendTransformer::load(const BackendKind& kind, const TransformerOptions& options,
                                      const std::stop_token& stop) {
  ENGRAM_TRY(backend, kind.make(config_, options));
  backend_ = std::move(backend);
  Weights weights(file_);
  model_ = find_family(config_.architecture)->make(config_, weights);
  norm_.weight = weights.vector("output_norm.weight", config_.d_model);
  if (config_.norm == NormKind::kLayer) {
    norm_.bias = weights.vector("output_norm.bias", config_.d_model);
  }
  if (weights.has("rope_freqs.weight")) {
    weights.set_rope_factors(weights.vector("rope_freqs.weight", config_.rope.dimensions / 2));
  }
  head_ = weights.matrix(config_.tied_head ? "token_embd.weight" : "output.weight",
                         config_.vocab_size, config_.d_model);
  weights.set_embedding("token_embd.weight", config_.vocab_size, config_.d_model);
  ENGRAM_TRY(sources, weights.take(stop));
  ENGRAM_TRY_VOID(backend_->load(std::move(sources), stop));
  if (backend_->damaged()) return unreadable_error("cannot load", *file_);
  return {};
}

// The rows of a batch through all layers.
void BackendTransformer::submit_layers(std::span<const Segment> segments,
                                       const std::stop_token& stop) {
  std::size_t n_rows = 0;
  for (const Segment& segment : segments) n_rows += segment.tokens.size();
  Decoder& decoder = backend_->decoder();
  decoder.begin(segments);
  decoder.embed();
  if (backend_->queue().captures() && n_rows <= kMostCapturedRows) {
    return submit_captured(n_rows, segments.size());
  }
  for (std::uint32_t i = 0; i < config_.n_layers && !stop.stop_requested(); ++i) {
    model_->layer(i, decoder);
  }
}

void BackendTransformer::submit_captured(std::size_t n_rows, std::size_t n_segments) {
  WorkQueue& queue = backend_->queue();
  auto& graph = graphs_[{n_rows, n_segments}];
  if (graph == nullptr) {
    queue.begin_capture();
    for (std::uint32_t i = 0; i < config_.n_layers; ++i) model_->layer(i, backend_->decoder());
    graph = queue.end_capture();
  }
  queue.replay(*graph);
}

Result<void> BackendTransformer::wait() {
  WorkQueue& queue = backend_->queue();
  ENGRAM_TRY_VOID(queue.wait(queue.fence()));
  if (!backend_->damaged()) return {};
  return unreadable_error("cannot compute with", *file_);
}

// A batch without logits is not waited for: what comes later in the queue finds its keys and
// values. It can then not be stopped either.
Result<void> BackendTransformer::run_batch(std::span<const Segment> segments,
                                           std::span<float> logits, const std::stop_token& stop) {
  if (stop.stop_requested()) return Error{Errc::kCancelled, "the computation was cancelled"};
  std::size_t n_logits = 0;
  for (const Segment& segment : segments) n_logits += segment.n_logits;
  const bool awaited = n_logits > 0 || !backend_->queue().asynchronous();
  const std::stop_token until = awaited ? stop : std::stop_token();
  backend_->queue().set_stop(until);
  submit_layers(segments, until);
  if (n_logits > 0 && !until.stop_requested()) {
    backend_->decoder().logits(norm_, head_, logits.first(n_logits * config_.vocab_size));
  }
  if (awaited) ENGRAM_TRY_VOID(wait());
  for (const Segment& segment : segments) {
    segment.cache->set_size(segment.cache->size() + segment.n_shared + segment.tokens.size());
  }
  return {};
}

Result<void> BackendTransformer::check_tokens(std::span<const TokenId> tokens) const {
  for (const TokenId id : tokens) {
    if (id >= 0 && static_cast<std::uint32_t>(id) < config_.vocab_size) continue;
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot compute token {}: the vocabulary of {} has {}", id,
                             config_.name, config_.vocab_size)};
  }
  return {};
}

Result<void> BackendTransformer::check(std::span<const Segment> segments,
                                       std::span<float> logits) const {
  std::size_t n_logits = 0, n_rows = 0;
  for (const Segment& segment : segments) {
    const KvCache& cache = *segment.cache;
    ENGRAM_CHECK(segment.n_logits <= segment.tokens.size(), "more logits than tokens");
    ENGRAM_CHECK(cache.size() + segment.n_shared + segment.tokens.size() <= cache.capacity(),
                 "the KV cache is full");
    if (segment.n_shared > 0) {
      const Segment& trunk = segments[segment.trunk];
      ENGRAM_CHECK(&trunk < &segment && trunk.n_shared == 0 &&
                       cache.size() == trunk.cache->size() &&
                       segment.n_shared <= trunk.tokens.size(),
                   "a branch leaves no earlier trunk");
    }
    n_logits += segment.n_logits;
    n_rows += segment.tokens.size();
    ENGRAM_TRY_VOID(check_tokens(segment.tokens));
  }
  ENGRAM_CHECK(segments.size() == 1 || n_rows <= Decoder::kMaxBatch, "too many rows for one pass");
  ENGRAM_CHECK(logits.size() >= n_logits * config_.vocab_size, "no room for the logits");
  return {};
}

Result<void> BackendTransformer::forward(std::span<const Segment> segments, std::span<float> logits,
                                         std::stop_token stop) {
  ENGRAM_TRY_VOID(check(segments, logits));
  if (segments.empty()) return {};
  if (segments.size() > 1) return run_batch(segments, logits, stop);
  const Segment& whole = segments.front();
  const std::size_t first_wanted = whole.tokens.size() - whole.n_logits;
  for (std::size_t begin = 0; begin < whole.tokens.size();) {
    const std::size_t end = std::min(begin + Decoder::kMaxBatch, whole.tokens.size());
    const std::size_t wanted = end - std::min(std::max(begin, first_wanted), end);
    const Segment part{whole.cache, whole.tokens.subspan(begin, end - begin), wanted};
    ENGRAM_TRY_VOID(run_batch(std::span(&part, 1), logits, stop));
    logits = logits.subspan(wanted * config_.vocab_size);
    begin = end;
  }
  return {};
}

Result<void> BackendTransformer::decode_greedily(KvCache& cache, TokenId first,
                                                 std::span<TokenId> out, std::stop_token stop) {
  const Segment begin{&cache, std::span(&first, 1), 1};
  ENGRAM_CHECK(cache.size() + out.size() <= cache.capacity(), "the KV cache is full");
  ENGRAM_TRY_VOID(check_tokens(begin.tokens));
  if (out.empty()) return {};
  const std::size_t held = cache.size();
  backend_->queue().set_stop(stop);
  for (std::size_t i = 0; i < out.size() && !stop.stop_requested(); ++i) {
    const TokenId token = i == 0 ? first : chosen_token(0);
    const Segment segment{&cache, std::span(&token, 1), 1};
    submit_layers(std::span(&segment, 1), stop);
    backend_->decoder().logits(norm_, head_, {});
    backend_->decoder().choose(out.subspan(i, 1));
    cache.set_size(cache.size() + 1);
  }
  auto done = wait();
  if (done && std::find(out.begin(), out.end(), -1) != out.end()) {
    done =
        Error{Errc::kCorrupt, fmt::format("cannot compute with {}: it gives no number for a token",
                                          file_->path().string())};
  }
  if (!done) cache.set_size(held);
  return done;
}

}  // namespace

Result<std::unique_ptr<Transformer>> Transformer::create(std::shared_ptr<const GgufFile> file,
                                                         const TransformerOptions& options,
                                                         std::stop_token stop) {
  ENGRAM_TRY(config, read_model_config(*file));
  ENGRAM_TRY(kind, find_backend_kind(options.backend));
  auto transformer = std::make_unique<BackendTransformer>(std::move(file), std::move(config));
  ENGRAM_TRY_VOID(transformer->load(*kind, options, stop));
  return std::unique_ptr<Transformer>(std::move(transformer));
}

Result<std::unique_ptr<KvCache>> Transformer::make_cache(std::size_t capacity) const {
  ENGRAM_TRY(memory, make_kv_memory(pages_for(capacity)));
  return std::make_unique<KvCache>(KvCache::over(std::move(memory)));
}

std::vector<std::string_view> available_kernels() {
  std::vector<std::string_view> names;
  for (const KernelTable* table : available_kernel_tables()) names.push_back(table->name);
  return names;
}

}  // namespace engram
