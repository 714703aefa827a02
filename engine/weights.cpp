#include "engine/weights.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/finite_weights.h"
#include "engine/memory_budget.h"
#include "kernels/dequantize.h"

namespace engram {

Weights::Weights(std::shared_ptr<const GgufFile> file) { sources_.file = std::move(file); }

const GgufTensor* Weights::find(const std::string& name, std::size_t rows, std::size_t cols) {
  const GgufTensor* tensor = sources_.file->find_tensor(name);
  if (tensor != nullptr && tensor->shape[0] == cols && tensor->rows() == rows) return tensor;
  fail(fmt::format("tensor '{}' {}", name,
                   tensor == nullptr ? "is missing"
                                     : fmt::format("has shape [{}, {}], the model needs [{}, {}]",
                                                   tensor->shape[0], tensor->rows(), cols, rows)));
  return nullptr;
}

void Weights::fail(std::string_view what) {
  if (!first_error_) return;
  first_error_ = Error{Errc::kCorrupt,
                       fmt::format("cannot load {}: {}", sources_.file->path().string(), what)};
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

MatrixId Weights::none() {
  sources_.matrices.push_back(nullptr);
  return {static_cast<std::uint32_t>(sources_.matrices.size() - 1)};
}

MatrixId Weights::derive(std::string name, TensorType type, std::size_t rows, std::size_t cols,
                         std::function<void(std::span<std::byte>)> fill) {
  auto derived = std::make_unique<DerivedTensor>();
  derived->tensor.name = std::move(name);
  derived->tensor.type = type;
  derived->tensor.shape = {cols, rows, 1, 1};
  sources_.matrices.push_back(&derived->tensor);
  sources_.derived.push_back(std::move(derived));
  fills_.push_back(std::move(fill));
  return {static_cast<std::uint32_t>(sources_.matrices.size() - 1)};
}

Result<void> Weights::fill_derived(const std::stop_token& stop) {
  std::vector<std::size_t> sizes;
  std::uint64_t total = 0;
  for (const auto& derived : sources_.derived) {
    const TensorTypeTraits& traits = traits_of(derived->tensor.type);
    const std::uint64_t values = derived->tensor.rows() * derived->tensor.shape[0];
    sizes.push_back(static_cast<std::size_t>(values / traits.block_values * traits.block_bytes));
    total += sizes.back();
  }
  if (const std::uint64_t free = free_memory_bytes(); total > free) {
    return Error{Errc::kBusy,
                 fmt::format("cannot load {}: rearranging its older layout takes {} MB and {} MB "
                             "are free; convert it anew or close other programs",
                             sources_.file->path().string(), total >> 20U, free >> 20U)};
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (stop.stop_requested()) return loading_cancelled();
    DerivedTensor& derived = *sources_.derived[i];
    derived.bytes = std::make_unique_for_overwrite<std::byte[]>(sizes[i]);
    fills_[i](std::span(derived.bytes.get(), sizes[i]));
    derived.tensor.data = std::span(derived.bytes.get(), sizes[i]);
  }
  return {};
}

Result<WeightSources> Weights::take(const std::stop_token& stop) {
  if (!first_error_) return first_error_.error();
  ENGRAM_TRY_VOID(fill_derived(stop));
  return std::move(sources_);
}

}  // namespace engram
