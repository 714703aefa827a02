#include "engine/host/host_weights.h"

#include "engine/finite_weights.h"
#include "kernels/dequantize.h"
#include "kernels/pack.h"

namespace engram {
namespace {

std::size_t file_bytes(TensorType type, std::size_t n) {
  return n / traits_of(type).block_values * traits_of(type).block_bytes;
}

}  // namespace

void HostTensors::read_embedding(std::size_t row, std::span<float> out) const {
  const std::size_t row_bytes = file_bytes(embedding.type, embedding.cols);
  dequantize_row(embedding.type, embedding.data + row * row_bytes, out.data(), out.size());
}

Matrix matrix_of(const GgufTensor& tensor) {
  return {tensor.type, static_cast<std::size_t>(tensor.rows()),
          static_cast<std::size_t>(tensor.shape[0]), nullptr};
}

std::size_t host_bytes(const Matrix& m, const KernelTable& kernels) {
  return kernels.packed ? packed_bytes(m.type, m.rows, m.cols)
                        : file_bytes(m.type, m.rows * m.cols);
}

Result<void> HostWeights::load(WeightSources sources, const KernelTable& kernels, ComputePool& pool,
                               const std::filesystem::path& repack_directory) {
  sources_ = std::move(sources);
  for (const GgufTensor* tensor : sources_.matrices) {
    Matrix& m = tensors_.matrices.emplace_back(matrix_of(*tensor));
    m.data = tensor->data.data();
    matrix_bytes_ += host_bytes(m, kernels);
  }
  for (const auto& vector : sources_.vectors) tensors_.vectors.push_back(vector.data());
  tensors_.rope_factors = tensors_[sources_.rope_factors];
  tensors_.embedding = matrix_of(*sources_.embedding);
  tensors_.embedding.data = sources_.embedding->data.data();
  if (!kernels.packed) return check_finite(*sources_.file, sources_.matrices, pool);
  std::vector<Matrix*> matrices;
  for (Matrix& m : tensors_.matrices) matrices.push_back(&m);
  ENGRAM_TRY(packed, PackedWeights::load(*sources_.file, sources_.matrices, matrices, pool,
                                         {.cache_directory = repack_directory}));
  packed_ = std::move(packed);
  sources_.matrices.clear();  // nobody reads these again
  sources_.derived.clear();
  return {};
}

bool HostWeights::damaged() const {
  return sources_.file->damaged() || (packed_ != nullptr && packed_->damaged());
}

}  // namespace engram
