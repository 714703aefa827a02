#include "engine/transformer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/check.h"
#include "core/path.h"
#include "engine/decoder.h"
#include "engine/half_kv_memory.h"
#include "engine/models/architecture.h"
#include "engine/weights.h"

namespace engram {
namespace {

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

// An explicit choice, else ENGRAM_KERNELS, else the best of this machine.
Result<const KernelTable*> choose_kernels(std::string name) {
  const char* forced = std::getenv("ENGRAM_KERNELS");
  if (name.empty() && forced != nullptr) name = forced;
  if (const KernelTable* table = find_kernel_table(name)) return table;
  return Error{Errc::kInvalidArgument, fmt::format("cannot use kernels '{}': this machine has {}",
                                                   name, fmt::join(available_kernels(), ", "))};
}

class CpuTransformer final : public Transformer {
 public:
  CpuTransformer(std::shared_ptr<const GgufFile> file, ModelConfig config,
                 const KernelTable& kernels, unsigned threads, const ActivationPrecision& precision)
      : file_(std::move(file)),
        config_(std::move(config)),
        kernels_(kernels),
        pool_(threads),
        weights_(file_, kernels_),
        decoder_(config_, kernels_, pool_, precision) {}

  Result<void> load(const std::filesystem::path& repack_directory) {
    model_ = find_family(config_.architecture)->make(config_, weights_);
    norm_.weight = weights_.vector("output_norm.weight", config_.d_model);
    if (config_.norm == NormKind::kLayer) {
      norm_.bias = weights_.vector("output_norm.bias", config_.d_model);
    }
    if (weights_.has("rope_freqs.weight")) {
      const std::size_t pairs = config_.rope.dimensions / 2;
      const float* factors = weights_.vector("rope_freqs.weight", pairs);
      if (factors != nullptr) decoder_.set_rope_factors({factors, pairs});
    }
    head_ = weights_.matrix(config_.tied_head ? "token_embd.weight" : "output.weight",
                            config_.vocab_size, config_.d_model);
    embedding_ = file_->find_tensor("token_embd.weight");
    return weights_.load(pool_, repack_directory);
  }

  const ModelConfig& config() const override { return config_; }
  std::string_view kernels() const override { return kernels_.name; }
  unsigned threads() const override { return pool_.threads(); }
  std::size_t weight_bytes() const override { return weights_.matrix_bytes(); }

  std::size_t kv_page_bytes() const override { return HalfKvMemory::page_bytes_of(kv_shape()); }

  Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) const override {
    ENGRAM_TRY(memory, HalfKvMemory::create(kv_shape(), n_pages));
    return std::shared_ptr<KvMemory>(std::move(memory));
  }

  using Transformer::forward;
  Result<void> forward(std::span<const Segment> segments, std::span<float> logits,
                       std::stop_token stop) override;

 private:
  KvShape kv_shape() const {
    return {config_.n_layers, config_.n_kv_heads, config_.head_dim, config_.value_dim};
  }
  Result<void> check(std::span<const Segment> segments, std::span<float> logits) const;
  void embed(std::span<const Segment> segments);
  Result<void> run_batch(std::span<const Segment> segments, std::span<float> logits);

  std::shared_ptr<const GgufFile> file_;
  ModelConfig config_;
  const KernelTable& kernels_;
  ComputePool pool_;
  Weights weights_;
  Decoder decoder_;
  std::unique_ptr<Architecture> model_;
  Norm norm_;
  const Matrix* head_ = nullptr;
  const GgufTensor* embedding_ = nullptr;
};

void CpuTransformer::embed(std::span<const Segment> segments) {
  std::size_t row = 0;
  for (const Segment& segment : segments) {
    for (const TokenId id : segment.tokens) {
      const std::span<float> x = decoder_.x(row++);
      weights_.read_row(*embedding_, static_cast<std::size_t>(id), x);
      if (config_.embedding_scale == 1) continue;
      for (float& value : x) value *= config_.embedding_scale;
    }
  }
}

Result<void> CpuTransformer::run_batch(std::span<const Segment> segments, std::span<float> logits) {
  decoder_.begin(segments);
  embed(segments);
  for (std::uint32_t i = 0; i < config_.n_layers && !pool_.stopped(); ++i) {
    model_->layer(i, decoder_);
  }
  if (!pool_.stopped()) decoder_.logits(norm_, *head_, logits);
  if (pool_.stopped()) return Error{Errc::kCancelled, "the computation was cancelled"};
  if (weights_.damaged()) {
    return Error{Errc::kCorrupt, fmt::format("cannot compute with {}: the file was truncated or "
                                             "could not be read; fetch it again",
                                             file_->path().string())};
  }
  for (const Segment& segment : segments) {
    segment.cache->set_size(segment.cache->size() + segment.tokens.size());
  }
  return {};
}

Result<void> CpuTransformer::check(std::span<const Segment> segments,
                                   std::span<float> logits) const {
  std::size_t n_logits = 0, n_rows = 0;
  for (const Segment& segment : segments) {
    const KvCache& cache = *segment.cache;
    ENGRAM_CHECK(segment.n_logits <= segment.tokens.size(), "more logits than tokens");
    ENGRAM_CHECK(cache.size() + segment.tokens.size() <= cache.capacity(), "the KV cache is full");
    n_logits += segment.n_logits;
    n_rows += segment.tokens.size();
    for (const TokenId id : segment.tokens) {
      if (id >= 0 && static_cast<std::uint32_t>(id) < config_.vocab_size) continue;
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot compute token {}: the vocabulary of {} has {}", id,
                               config_.name, config_.vocab_size)};
    }
  }
  ENGRAM_CHECK(segments.size() == 1 || n_rows <= Decoder::kMaxBatch, "too many rows for one pass");
  ENGRAM_CHECK(logits.size() >= n_logits * config_.vocab_size, "no room for the logits");
  return {};
}

Result<void> CpuTransformer::forward(std::span<const Segment> segments, std::span<float> logits,
                                     std::stop_token stop) {
  ENGRAM_TRY_VOID(check(segments, logits));
  pool_.set_stop(std::move(stop));
  if (segments.size() != 1) return segments.empty() ? Result<void>() : run_batch(segments, logits);
  const Segment& whole = segments.front();
  const std::size_t first_wanted = whole.tokens.size() - whole.n_logits;
  for (std::size_t begin = 0; begin < whole.tokens.size();) {
    const std::size_t end = std::min(begin + Decoder::kMaxBatch, whole.tokens.size());
    const std::size_t wanted = end - std::min(std::max(begin, first_wanted), end);
    const Segment part{whole.cache, whole.tokens.subspan(begin, end - begin), wanted};
    ENGRAM_TRY_VOID(run_batch(std::span(&part, 1), logits));
    logits = logits.subspan(wanted * config_.vocab_size);
    begin = end;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Transformer>> Transformer::create(std::shared_ptr<const GgufFile> file,
                                                         const TransformerOptions& options) {
  ENGRAM_TRY(config, read_model_config(*file));
  ENGRAM_TRY(kernels, choose_kernels(options.kernels));
  const unsigned threads = options.threads == 0 ? usable_cores() : std::min(options.threads, 256U);
  const ActivationPrecision precision =
      options.mixed_activations ? activation_precision(config.d_model) : ActivationPrecision{};
  auto transformer = std::make_unique<CpuTransformer>(std::move(file), std::move(config), *kernels,
                                                      threads, precision);
  ENGRAM_TRY_VOID(transformer->load(options.keep_packed ? cache_home() / "repack" : ""));
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
