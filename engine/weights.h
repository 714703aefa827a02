// engine/weights.h: a model's tensors, checked against the architecture and ready for the kernels.
//
// An architecture asks for its tensors by name and shape, in order, and keeps the pointers; load()
// then fills them: packed into one block of memory, or as they lie in the file for `ref`.
//
// Threads: confined until load() returned, immutable afterwards.
// Errors: kCorrupt missing or misshapen tensor, NaN or infinity in one (named); kInvalidArgument a
// type or shape the kernels do not take; kBusy not enough memory.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/compute/compute_pool.h"
#include "engine/gguf.h"
#include "kernels/kernel_table.h"

namespace engram {

class PackedWeights;

class Weights {
 public:
  Weights(std::shared_ptr<const GgufFile> file, const KernelTable& kernels);
  ~Weights();

  // The first missing or wrong tensor is remembered; load() returns it.
  const Matrix* matrix(const std::string& name, std::size_t rows, std::size_t cols);
  const float* vector(const std::string& name, std::size_t n);
  bool has(std::string_view name) const { return file_->find_tensor(name) != nullptr; }

  // `repack_directory`: where packed weights are kept, empty for nowhere.
  Result<void> load(ComputePool& pool, const std::filesystem::path& repack_directory);
  bool damaged() const;  // a mapped file could not be read: results since then are worthless

  // One row of a matrix as floats, straight from the file (token embeddings).
  void read_row(const GgufTensor& tensor, std::size_t row, std::span<float> out) const;

  std::size_t matrix_bytes() const { return matrix_bytes_; }  // as the kernels stream them

 private:
  const GgufTensor* find(const std::string& name, std::size_t rows, std::size_t cols);
  void not_finite(const GgufTensor& tensor, std::size_t row);

  std::shared_ptr<const GgufFile> file_;
  const KernelTable& kernels_;
  std::deque<Matrix> matrices_;
  std::vector<const GgufTensor*> sources_;  // of matrices_, same order
  std::deque<std::vector<float>> vectors_;
  std::unique_ptr<PackedWeights> packed_;
  std::size_t matrix_bytes_ = 0;
  Result<void> first_error_;
};

}  // namespace engram
