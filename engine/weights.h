// engine/weights.h: a model's tensors, as an architecture asks for them.
//
// It asks by name and shape, in order, and keeps the ids; take() then gives what was found to a
// backend (engine/backend/backend.h), for which an id is a place in these lists.
//
// Threads: confined to the loading thread.
// Errors: kCorrupt missing or misshapen tensor, NaN or infinity in a vector (named); kBusy no
// memory for what is derived (engine/derived_weights.h); kCancelled.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/block_weights.h"
#include "engine/gguf.h"

namespace engram {

// A matrix that the file has in another arrangement.
struct DerivedTensor {
  GgufTensor tensor;  // its data: `bytes`
  std::unique_ptr<std::byte[]> bytes;
};

struct WeightSources {
  std::shared_ptr<const GgufFile> file;
  std::vector<std::unique_ptr<DerivedTensor>> derived;  // of which some of the matrices are
  std::vector<const GgufTensor*> matrices;              // of MatrixId 0, 1, ...: [rows(), shape[0]]
  std::vector<std::vector<float>> vectors;              // of VectorId 0, 1, ...
  const GgufTensor* embedding = nullptr;                // [vocabulary, d_model]: one row a token
  VectorId rope_factors{};  // divide the turning speeds of RoPE: [rope dimensions / 2], or none
};

class Weights {
 public:
  explicit Weights(std::shared_ptr<const GgufFile> file);

  // The first missing or wrong tensor is remembered; take() returns it.
  MatrixId matrix(const std::string& name, std::size_t rows, std::size_t cols);
  VectorId vector(const std::string& name, std::size_t n);
  bool has(std::string_view name) const { return sources_.file->find_tensor(name) != nullptr; }
  void set_rope_factors(VectorId factors) { sources_.rope_factors = factors; }
  void set_embedding(const std::string& name, std::size_t rows, std::size_t cols);

  // For engine/derived_weights.h. A tensor as the file has it: nullptr, and the error remembered.
  const GgufTensor* find(const std::string& name, std::size_t rows, std::size_t cols);
  // A matrix whose bytes `fill` writes, once take() has found that all of them have room.
  MatrixId derive(std::string name, TensorType type, std::size_t rows, std::size_t cols,
                  std::function<void(std::span<std::byte>)> fill);
  MatrixId none();  // in place of a matrix that was in error
  void fail(std::string_view what);

  Result<WeightSources> take(const std::stop_token& stop = {});

 private:
  Result<void> fill_derived(const std::stop_token& stop);

  WeightSources sources_;
  std::vector<std::function<void(std::span<std::byte>)>> fills_;  // of sources_.derived
  Result<void> first_error_;
};

}  // namespace engram
