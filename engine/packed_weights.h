// engine/packed_weights.h: one block of memory with every matrix in the layout the kernels stream.
//
// Threads: confined to the loading thread; the bytes are immutable afterwards.
// Errors: kBusy when the machine has not enough free memory (checked before anything is written).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/compute/compute_pool.h"
#include "engine/gguf.h"
#include "kernels/matmul.h"

namespace engram {

class PackedWeights {
 public:
  // Sets matrices[i].data to the packed form of sources[i].
  static Result<std::unique_ptr<PackedWeights>> pack(const GgufFile& file,
                                                     std::span<const GgufTensor* const> sources,
                                                     std::span<Matrix*> matrices,
                                                     ComputePool& pool);
  ~PackedWeights();
  PackedWeights(const PackedWeights&) = delete;
  PackedWeights& operator=(const PackedWeights&) = delete;

 private:
  explicit PackedWeights(std::span<std::byte> memory) : memory_(memory) {}

  std::span<std::byte> memory_;
};

}  // namespace engram
