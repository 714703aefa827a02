// engine/weights.h: a model's tensors, as an architecture asks for them.
//
// It asks by name and shape, in order, and keeps the ids; take() then gives what was found to a
// backend (engine/backend/backend.h), for which an id is a place in these lists.
//
// Threads: confined to the loading thread.
// Errors: kCorrupt missing or misshapen tensor, NaN or infinity in a vector (named).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/block_weights.h"
#include "engine/gguf.h"

namespace engram {

struct WeightSources {
  std::shared_ptr<const GgufFile> file;
  std::vector<const GgufTensor*> matrices;  // of MatrixId 0, 1, ...: [rows(), shape[0]]
  std::vector<std::vector<float>> vectors;  // of VectorId 0, 1, ...
  const GgufTensor* embedding = nullptr;    // [vocabulary, d_model]: one row a token
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

  Result<WeightSources> take();

 private:
  const GgufTensor* find(const std::string& name, std::size_t rows, std::size_t cols);

  WeightSources sources_;
  Result<void> first_error_;
};

}  // namespace engram
