#include "engine/finite_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "engine/gguf_metadata.h"
#include "kernels/dequantize.h"

namespace engram {
namespace {

constexpr std::size_t kRowsPerTask = 64;

// The first row that is not finite; the number of rows when all are.
std::size_t first_bad_row(const GgufTensor& tensor, ComputePool& pool) {
  const auto rows = static_cast<std::size_t>(tensor.rows());
  const std::size_t row_bytes = tensor.data.size() / rows;
  std::atomic<std::size_t> first{rows};
  pool.for_each(rows, kRowsPerTask, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t r = begin; r < end && r < first.load(std::memory_order_relaxed); ++r) {
      if (all_finite(tensor.type, tensor.data.data() + r * row_bytes,
                     static_cast<std::size_t>(tensor.shape[0]))) {
        continue;
      }
      std::size_t now = first.load();
      while (r < now && !first.compare_exchange_weak(now, r)) {
      }
    }
  });
  return first.load();
}

}  // namespace

Result<void> check_finite(const GgufFile& file, std::span<const GgufTensor* const> tensors,
                          ComputePool& pool) {
  for (const GgufTensor* tensor : tensors) {
    const std::size_t row = first_bad_row(*tensor, pool);
    if (pool.stopped()) return loading_cancelled();
    if (row < tensor->rows()) return not_finite_error(file, *tensor, row);
  }
  return {};
}

Error loading_cancelled() { return {Errc::kCancelled, "loading the model was cancelled"}; }

Error unreadable_error(std::string_view what, const GgufFile& file) {
  return {Errc::kCorrupt,
          fmt::format("{} {}: the file was truncated or could not be read; fetch it again", what,
                      file.path().string())};
}

Error not_finite_error(const GgufFile& file, const GgufTensor& tensor, std::size_t row) {
  return {Errc::kCorrupt,
          fmt::format("cannot load {}: tensor '{}' holds NaN or infinity in row {}; the file is "
                      "damaged, fetch it again",
                      file.path().string(), printable_name(tensor.name), row)};
}

}  // namespace engram
