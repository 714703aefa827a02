#include "engine/weights.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/finite_weights.h"
#include "kernels/dequantize.h"

namespace engram {

Weights::Weights(std::shared_ptr<const GgufFile> file) { sources_.file = std::move(file); }

const GgufTensor* Weights::find(const std::string& name, std::size_t rows, std::size_t cols) {
  const GgufTensor* tensor = sources_.file->find_tensor(name);
  if (tensor != nullptr && tensor->shape[0] == cols && tensor->rows() == rows) return tensor;
  if (first_error_) {
    const std::string found = tensor == nullptr
                                  ? "is missing"
                                  : fmt::format("has shape [{}, {}], the model needs [{}, {}]",
                                                tensor->shape[0], tensor->rows(), cols, rows);
    first_error_ = Error{Errc::kCorrupt, fmt::format("cannot load {}: tensor '{}' {}",
                                                     sources_.file->path().string(), name, found)};
  }
  return nullptr;
}

MatrixId Weights::matrix(const std::string& name, std::size_t rows, std::size_t cols) {
  sources_.matrices.push_back(find(name, rows, cols));
  return {static_cast<std::uint32_t>(sources_.matrices.size() - 1)};
}

VectorId Weights::vector(const std::string& name, std::size_t n) {
  std::vector<float>& values = sources_.vectors.emplace_back();
  const VectorId id{static_cast<std::uint32_t>(sources_.vectors.size() - 1)};
  const GgufTensor* tensor = find(name, 1, n);
  if (tensor == nullptr) return id;
  values.resize(n);  // as many as the file really holds, whatever its keys claim
  dequantize_row(tensor->type, tensor->data.data(), values.data(), n);
  for (const float value : values) {
    if (!std::isfinite(value) && first_error_) {
      first_error_ = not_finite_error(*sources_.file, *tensor, 0);
    }
  }
  return id;
}

void Weights::set_embedding(const std::string& name, std::size_t rows, std::size_t cols) {
  sources_.embedding = find(name, rows, cols);
}

Result<WeightSources> Weights::take() {
  if (!first_error_) return first_error_.error();
  return std::move(sources_);
}

}  // namespace engram
