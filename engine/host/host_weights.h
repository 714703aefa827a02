// engine/host/host_weights.h: a model's weights as the kernels of the host read them.
//
// HostTensors is the table a HostDecoder looks ids up in; HostWeights fills one from a file: packed
// into one block of memory, or as the tensors lie in the file for `ref`.
//
// Threads: confined until load() returned, immutable afterwards.
// Errors: kCorrupt NaN or infinity in a matrix; kBusy not enough memory; kCancelled when the pool's
// stop was requested.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/compute/compute_pool.h"
#include "engine/host/packed_weights.h"
#include "engine/weights.h"
#include "kernels/kernel_table.h"

namespace engram {

struct HostTensors {
  std::vector<Matrix> matrices;
  std::vector<const float*> vectors;
  Matrix embedding{};  // rows as in GGUF
  const float* rope_factors = nullptr;

  const Matrix& operator[](MatrixId id) const { return matrices[id.index]; }
  const float* operator[](VectorId id) const { return id ? vectors[id.index] : nullptr; }
  void read_embedding(std::size_t row, std::span<float> out) const;  // of the embedding's columns
};

// The shape of a tensor as a matrix without data.
Matrix matrix_of(const GgufTensor& tensor);
// What the kernels read of a matrix, in bytes.
std::size_t host_bytes(const Matrix& matrix, const KernelTable& kernels);

class HostWeights {
 public:
  // `repack_directory`: where packed weights are kept, empty for nowhere.
  Result<void> load(WeightSources sources, const KernelTable& kernels, ComputePool& pool,
                    const std::filesystem::path& repack_directory);
  const HostTensors& tensors() const { return tensors_; }
  std::size_t matrix_bytes() const { return matrix_bytes_; }
  bool damaged() const;

 private:
  WeightSources sources_;
  HostTensors tensors_;
  std::unique_ptr<PackedWeights> packed_;
  std::size_t matrix_bytes_ = 0;
};

}  // namespace engram
