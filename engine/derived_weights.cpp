#include "engine/derived_weights.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "kernels/dequantize.h"

namespace engram {
namespace {

std::size_t row_bytes(const GgufTensor& tensor) {
  return tensor.data.size() / static_cast<std::size_t>(tensor.rows());
}

// Of each head [nope, rank] to [rank, nope], as floats.
void transpose_keys(const GgufTensor& from, const KeyValueShape& s, std::span<std::byte> to) {
  std::vector<float> row(s.rank);
  auto* out = reinterpret_cast<float*>(to.data());
  for (std::size_t head = 0; head < s.heads; ++head, out += s.rank * s.nope) {
    for (std::size_t n = 0; n < s.nope; ++n) {
      const std::size_t source = head * (s.nope + s.value) + n;
      dequantize_row(from.type, from.data.data() + source * row_bytes(from), row.data(), s.rank);
      for (std::size_t r = 0; r < s.rank; ++r) out[r * s.nope + n] = row[r];
    }
  }
}

void copy_values(const GgufTensor& from, const KeyValueShape& s, std::span<std::byte> to) {
  const std::size_t bytes = row_bytes(from), of_head = s.value * bytes;
  for (std::size_t head = 0; head < s.heads; ++head) {
    const std::size_t source = head * (s.nope + s.value) + s.nope;
    std::memcpy(to.data() + head * of_head, from.data.data() + source * bytes, of_head);
  }
}

}  // namespace

MatrixId stack_matrices(Weights& weights, const std::string& name,
                        const std::vector<std::string>& parts, std::size_t rows, std::size_t cols) {
  std::vector<const GgufTensor*> found;
  for (const std::string& part : parts) {
    const GgufTensor* tensor = weights.find(part, rows, cols);
    if (tensor == nullptr) return weights.none();
    if (!found.empty() && found.front()->type != tensor->type) {
      weights.fail(
          fmt::format("tensors '{}' and '{}' are of different types, which one stack of "
                      "experts cannot hold",
                      found.front()->name, part));
      return weights.none();
    }
    found.push_back(tensor);
  }
  return weights.derive(name, found.front()->type, rows * found.size(), cols,
                        [found](std::span<std::byte> to) {
                          for (const GgufTensor* tensor : found) {
                            std::memcpy(to.data(), tensor->data.data(), tensor->data.size());
                            to = to.subspan(tensor->data.size());
                          }
                        });
}

KeyValueUp split_key_value_up(Weights& weights, const std::string& name, const KeyValueShape& s) {
  const GgufTensor* both = weights.find(name, s.heads * (s.nope + s.value), s.rank);
  if (both == nullptr) return {weights.none(), weights.none()};
  return {weights.derive(name + " (keys)", TensorType::kF32, s.heads * s.rank, s.nope,
                         [=](std::span<std::byte> to) { transpose_keys(*both, s, to); }),
          weights.derive(name + " (values)", both->type, s.heads * s.value, s.rank,
                         [=](std::span<std::byte> to) { copy_values(*both, s, to); })};
}

}  // namespace engram
