// tests/engine/fake_device/fake_backend.h: a whole backend on a fake device.
//
// Weights, KV pages and activations lie in the device's arena; the operations are the host's own,
// run by the device's thread, with `ref` kernels unless others are asked for. ENGRAM_BACKEND=fake
// chooses it in every program that links this file.
#pragma once

#include <memory>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/compute/compute_pool.h"
#include "engine/host/host_decoder.h"
#include "engine/host/host_weights.h"
#include "tests/engine/fake_device/fake_device.h"

namespace engram::test {

extern const BackendKind kFakeBackend;  // "fake"

class FakeBackend final : public Backend {
 public:
  FakeBackend(const ModelConfig& config, const KernelTable& kernels,
              const TransformerOptions& options);
  ~FakeBackend() override;

  std::string_view kernels() const override { return kernels_.name; }
  unsigned threads() const override { return pool_.threads(); }
  Result<void> load(WeightSources sources, std::stop_token stop) override;
  std::size_t weight_bytes() const override { return weight_bytes_; }
  bool damaged() const override { return damaged_; }
  std::size_t kv_page_bytes() const override;
  Result<std::shared_ptr<KvMemory>> make_kv_memory(std::size_t n_pages) override;
  WorkQueue& queue() override { return *device_; }
  Decoder& decoder() override;

  FakeDevice& device() { return *device_; }
  const HostTensors& tensors() const { return tensors_; }
  // The one made last, for tests that look behind a Transformer.
  static FakeBackend* latest();
  // Of the backends made from now on.
  static void set_arena_limit(std::size_t bytes);

 private:
  class Operations;
  Result<void> place_all(const WeightSources& sources);
  Result<const std::byte*> place(std::span<const std::byte> bytes);
  Result<Matrix> place_matrix(const GgufTensor& tensor);

  const ModelConfig& config_;
  const KernelTable& kernels_;
  const ActivationPrecision precision_;
  std::shared_ptr<FakeDevice> device_;  // shared with the KV memory it made
  ComputePool pool_;                    // under the device's thread
  HostTensors tensors_;                 // in the arena
  std::vector<FakeDevice::Buffer> weights_;
  std::size_t weight_bytes_ = 0;
  bool damaged_ = false;
  std::unique_ptr<Operations> operations_;
};

}  // namespace engram::test
