#include "engine/host/host_backend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>

#include "core/path.h"
#include "engine/host/half_kv_memory.h"

namespace engram {
namespace {

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

}  // namespace

ActivationPrecision precision_of(const ModelConfig& config, const TransformerOptions& options) {
  return options.mixed_activations ? activation_precision(config.d_model) : ActivationPrecision{};
}

Result<const KernelTable*> choose_kernels(std::string name, std::string_view otherwise) {
  const char* forced = std::getenv("ENGRAM_KERNELS");
  if (name.empty()) name = forced != nullptr ? forced : otherwise;
  if (const KernelTable* table = find_kernel_table(name)) return table;
  return Error{Errc::kInvalidArgument, fmt::format("cannot use kernels '{}': this machine has {}",
                                                   name, fmt::join(available_kernels(), ", "))};
}

Result<void> HostBackend::Queue::wait(Fence) {
  if (pool_.stopped()) return Error{Errc::kCancelled, "the computation was cancelled"};
  return {};
}

HostBackend::HostBackend(const ModelConfig& config, const KernelTable& kernels,
                         const TransformerOptions& options)
    : config_(config),
      kernels_(kernels),
      repack_directory_(options.keep_packed ? cache_home() / "repack" : ""),
      pool_(options.threads == 0 ? usable_cores() : std::min(options.threads, 256U)),
      queue_(pool_),
      decoder_(config, kernels, pool_, precision_of(config, options), weights_.tensors()) {}

Result<void> HostBackend::load(WeightSources sources, std::stop_token stop) {
  pool_.set_stop(std::move(stop));
  auto loaded = weights_.load(std::move(sources), kernels_, pool_, repack_directory_);
  pool_.set_stop({});
  ENGRAM_TRY_VOID(std::move(loaded));
  decoder_.use_rope_factors();
  return {};
}

std::size_t HostBackend::kv_page_bytes() const {
  return HalfKvMemory::page_bytes_of(kv_shape(config_));
}

Result<std::shared_ptr<KvMemory>> HostBackend::make_kv_memory(std::size_t n_pages) {
  ENGRAM_TRY(memory, HalfKvMemory::create(kv_shape(config_), n_pages));
  return std::shared_ptr<KvMemory>(std::move(memory));
}

constinit const BackendKind kHostBackend{
    .name = "host",
    .make = [](const ModelConfig& config,
               const TransformerOptions& options) -> Result<std::unique_ptr<Backend>> {
      ENGRAM_TRY(kernels, choose_kernels(options.kernels));
      return std::unique_ptr<Backend>(std::make_unique<HostBackend>(config, *kernels, options));
    }};

}  // namespace engram
