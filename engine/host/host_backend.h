// engine/host/host_backend.h: the backend that is this machine's processor and memory.
//
// Work is done as it is submitted, by the engine thread and the compute threads under it, so that
// nothing is ever waited for.
//
// Threads: confined to the engine thread.  Errors: kInvalidArgument kernels that this machine does
// not have (names those it has); those of HostWeights.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/backend/backend.h"
#include "engine/compute/compute_pool.h"
#include "engine/host/activation_precision.h"
#include "engine/host/host_decoder.h"
#include "engine/host/host_weights.h"

namespace engram {

class HostBackend final : public Backend {
 public:
  HostBackend(const ModelConfig& config, const KernelTable& kernels,
              const TransformerOptions& options);

  std::string_view kernels() const override { return kernels_.name; }
  unsigned threads() const override { return pool_.threads(); }
  Result<void> load(WeightSources sources, std::stop_token stop) override;
  std::size_t weight_bytes() const override { return weights_.matrix_bytes(); }
  bool damaged() const override { return weights_.damaged(); }
  std::size_t kv_page_bytes() const override;
  Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) override;
  WorkQueue& queue() override { return queue_; }
  Decoder& decoder() override { return decoder_; }

 private:
  class Queue final : public WorkQueue {
   public:
    explicit Queue(ComputePool& pool) : pool_(pool) {}
    bool asynchronous() const override { return false; }
    void set_stop(std::stop_token stop) override { pool_.set_stop(std::move(stop)); }
    Fence fence() override { return 0; }
    Result<void> wait(Fence fence) override;

   private:
    ComputePool& pool_;
  };

  const ModelConfig& config_;
  const KernelTable& kernels_;
  const std::filesystem::path repack_directory_;
  ComputePool pool_;
  Queue queue_;
  HostWeights weights_;
  HostDecoder decoder_;
};

// An explicit choice, else ENGRAM_KERNELS, else `otherwise`, the best of this machine if empty.
Result<const KernelTable*> choose_kernels(std::string name, std::string_view otherwise = {});

ActivationPrecision precision_of(const ModelConfig& config, const TransformerOptions& options);

}  // namespace engram
