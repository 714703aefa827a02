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
#include "engine/kv_cache.h"
#include "engine/model_config.h"
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
    model_ = make_architecture(config_, weights_);
    norm_ = weights_.vector("output_norm.weight", config_.d_model);
    head_ = weights_.matrix(config_.tied_head ? "token_embd.weight" : "output.weight",
                            config_.vocab_size, config_.d_model);
    embedding_ = file_->find_tensor("token_embd.weight");
    return weights_.load(pool_, repack_directory);
  }

  const ModelConfig& config() const override { return config_; }
  std::string_view kernels() const override { return kernels_.name; }
  unsigned threads() const override { return pool_.threads(); }
  std::size_t weight_bytes() const override { return weights_.matrix_bytes(); }

  Result<std::unique_ptr<KvCache>> make_cache(std::size_t capacity) const override {
    ENGRAM_TRY(cache, HalfKvCache::create(config_, capacity));
    return std::unique_ptr<KvCache>(std::move(cache));
  }

  Result<void> forward(KvCache& cache, std::span<const TokenId> tokens, std::size_t n_logits,
                       std::span<float> logits, std::stop_token stop) override;

 private:
  void embed(std::span<const TokenId> tokens);
  Result<void> run_batch(HalfKvCache& cache, std::span<const TokenId> tokens, std::size_t n_logits,
                         std::span<float> logits);

  std::shared_ptr<const GgufFile> file_;
  ModelConfig config_;
  const KernelTable& kernels_;
  ComputePool pool_;
  Weights weights_;
  Decoder decoder_;
  std::unique_ptr<Architecture> model_;
  const float* norm_ = nullptr;
  const Matrix* head_ = nullptr;
  const GgufTensor* embedding_ = nullptr;
};

void CpuTransformer::embed(std::span<const TokenId> tokens) {
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    weights_.read_row(*embedding_, static_cast<std::size_t>(tokens[t]), decoder_.x(t));
  }
}

Result<void> CpuTransformer::run_batch(HalfKvCache& cache, std::span<const TokenId> tokens,
                                       std::size_t n_logits, std::span<float> logits) {
  decoder_.begin(cache, tokens.size());
  embed(tokens);
  for (std::uint32_t i = 0; i < config_.n_layers && !pool_.stopped(); ++i) {
    model_->layer(i, decoder_);
  }
  if (n_logits > 0) decoder_.logits(norm_, *head_, n_logits, logits);
  if (pool_.stopped()) return Error{Errc::kCancelled, "the computation was cancelled"};
  if (weights_.damaged()) {
    return Error{Errc::kCorrupt, fmt::format("cannot compute with {}: the file was truncated or "
                                             "could not be read; fetch it again",
                                             file_->path().string())};
  }
  cache.extend(tokens.size());
  return {};
}

Result<void> CpuTransformer::forward(KvCache& cache, std::span<const TokenId> tokens,
                                     std::size_t n_logits, std::span<float> logits,
                                     std::stop_token stop) {
  auto& half_cache = static_cast<HalfKvCache&>(cache);
  ENGRAM_CHECK(n_logits <= tokens.size(), "more logits than tokens");
  ENGRAM_CHECK(cache.size() + tokens.size() <= cache.capacity(), "the KV cache is full");
  ENGRAM_CHECK(logits.size() >= n_logits * config_.vocab_size, "no room for the logits");
  for (const TokenId id : tokens) {
    if (id < 0 || static_cast<std::uint32_t>(id) >= config_.vocab_size) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot compute token {}: the vocabulary of {} has {}", id,
                               config_.name, config_.vocab_size)};
    }
  }
  pool_.set_stop(std::move(stop));
  const std::size_t first_wanted = tokens.size() - n_logits;
  for (std::size_t begin = 0; begin < tokens.size();) {
    const std::size_t end = std::min(begin + Decoder::kMaxBatch, tokens.size());
    const std::size_t wanted = end - std::min(std::max(begin, first_wanted), end);
    ENGRAM_TRY_VOID(run_batch(half_cache, tokens.subspan(begin, end - begin), wanted, logits));
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
      options.exact_activations ? ActivationPrecision{} : activation_precision(config.d_model);
  auto transformer = std::make_unique<CpuTransformer>(std::move(file), std::move(config), *kernels,
                                                      threads, precision);
  ENGRAM_TRY_VOID(transformer->load(options.keep_packed ? cache_home() / "repack" : ""));
  return std::unique_ptr<Transformer>(std::move(transformer));
}

std::vector<std::string_view> available_kernels() {
  std::vector<std::string_view> names;
  for (const KernelTable* table : available_kernel_tables()) names.push_back(table->name);
  return names;
}

}  // namespace engram
