#include "engine/weights.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/finite_weights.h"
#include "engine/packed_weights.h"
#include "kernels/dequantize.h"
#include "kernels/pack.h"

namespace engram {

Weights::Weights(std::shared_ptr<const GgufFile> file, const KernelTable& kernels)
    : file_(std::move(file)), kernels_(kernels) {}
Weights::~Weights() = default;

const GgufTensor* Weights::find(const std::string& name, std::size_t rows, std::size_t cols) {
  const GgufTensor* tensor = file_->find_tensor(name);
  if (tensor != nullptr && tensor->shape[0] == cols && tensor->rows() == rows) return tensor;
  if (first_error_) {
    const std::string found = tensor == nullptr
                                  ? "is missing"
                                  : fmt::format("has shape [{}, {}], the model needs [{}, {}]",
                                                tensor->shape[0], tensor->rows(), cols, rows);
    first_error_ = Error{Errc::kCorrupt, fmt::format("cannot load {}: tensor '{}' {}",
                                                     file_->path().string(), name, found)};
  }
  return nullptr;
}

void Weights::not_finite(const GgufTensor& tensor, std::size_t row) {
  if (first_error_) first_error_ = not_finite_error(*file_, tensor, row);
}

const Matrix* Weights::matrix(const std::string& name, std::size_t rows, std::size_t cols) {
  Matrix& m = matrices_.emplace_back();
  if (const GgufTensor* tensor = find(name, rows, cols)) {
    m = {tensor->type, rows, cols, tensor->data.data()};
    sources_.push_back(tensor);
  }
  return &m;
}

const float* Weights::vector(const std::string& name, std::size_t n) {
  std::vector<float>& values = vectors_.emplace_back();
  const GgufTensor* tensor = find(name, 1, n);
  if (tensor == nullptr) return nullptr;
  values.resize(n);  // as many as the file really holds, whatever its keys claim
  dequantize_row(tensor->type, tensor->data.data(), values.data(), n);
  for (const float value : values) {
    if (!std::isfinite(value)) not_finite(*tensor, 0);
  }
  return values.data();
}

Result<void> Weights::load(ComputePool& pool, const std::filesystem::path& repack_directory) {
  if (!first_error_) return first_error_.error();
  std::vector<Matrix*> matrices;
  for (Matrix& m : matrices_) {
    matrices.push_back(&m);
    matrix_bytes_ += kernels_.packed ? packed_bytes(m.type, m.rows, m.cols)
                                     : m.rows * m.cols / traits_of(m.type).block_values *
                                           traits_of(m.type).block_bytes;
  }
  if (!kernels_.packed) return check_finite(*file_, sources_, pool);
  ENGRAM_TRY(packed, PackedWeights::load(*file_, sources_, matrices, pool,
                                         {.cache_directory = repack_directory}));
  packed_ = std::move(packed);
  return {};
}

bool Weights::damaged() const {
  return file_->damaged() || (packed_ != nullptr && packed_->damaged());
}

void Weights::read_row(const GgufTensor& tensor, std::size_t row, std::span<float> out) const {
  const std::size_t row_bytes = tensor.data.size() / tensor.rows();
  dequantize_row(tensor.type, tensor.data.data() + row * row_bytes, out.data(), out.size());
}

}  // namespace engram
