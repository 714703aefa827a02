#include "engine/host/packed_weights.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/log.h"
#include "engine/finite_weights.h"
#include "engine/memory_budget.h"
#include "kernels/pack.h"

namespace engram {
namespace {

constexpr std::size_t kAlignment = 4096;  // of each matrix
constexpr std::size_t kGroupsPerTask = 8;

std::size_t align_up(std::size_t n) { return (n + kAlignment - 1) / kAlignment * kAlignment; }

// Refuses what the machine cannot back, before it happens.
Result<void> check_memory(const GgufFile& file, std::size_t bytes) {
  const std::uint64_t available = free_memory_bytes();
  if (bytes <= available) return {};
  return Error{Errc::kBusy,
               fmt::format("cannot load {}: its weights need {} MB of memory and {} MB are free; "
                           "close other programs or choose a smaller model",
                           file.path().string(), bytes >> 20U, available >> 20U)};
}

Result<std::span<std::byte>> allocate(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return Error{Errc::kBusy, fmt::format("cannot hold {} MB of weights: {}", bytes >> 20U,
                                          std::strerror(errno))};
  }
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // fewer faults while packing; a refusal is no loss
  return std::span<std::byte>(static_cast<std::byte*>(memory), bytes);
}

Result<void> pack_all(std::span<const GgufTensor* const> sources, std::span<Matrix* const> matrices,
                      std::span<const std::size_t> offsets, std::span<std::byte> memory,
                      ComputePool& pool) {
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    const Matrix& m = *matrices[i];
    std::byte* destination = memory.data() + offsets[i];
    const std::size_t groups = (m.rows + kRowGroup - 1) / kRowGroup;
    pool.for_each(groups, kGroupsPerTask, [&](std::size_t begin, std::size_t end, unsigned) {
      pack_groups(m.type, sources[i]->data.data(), m.rows, m.cols, begin, end, destination);
    });
    if (pool.stopped()) return loading_cancelled();
  }
  return {};
}

}  // namespace

PackedWeights::~PackedWeights() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
  if (!damaged()) return;
  const std::filesystem::path path = mapped_ != nullptr ? mapped_->path() : draft_->path();
  draft_.reset();  // it may still be about to give the file its name
  log_warn("{} could not be read and is removed: it is made again", path.string());
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

Result<std::unique_ptr<PackedWeights>> PackedWeights::load(
    const GgufFile& file, std::span<const GgufTensor* const> sources,
    std::span<Matrix* const> matrices, ComputePool& pool, const Options& options) {
  std::vector<std::size_t> offsets;
  std::size_t total = 0;
  for (const Matrix* m : matrices) {
    offsets.push_back(total);
    total += align_up(packed_bytes(m->type, m->rows, m->cols));
  }
  std::unique_ptr<PackedWeights> weights(new PackedWeights);
  const auto point_into = [&](const std::byte* memory) {
    for (std::size_t i = 0; i < matrices.size(); ++i) matrices[i]->data = memory + offsets[i];
  };
  const bool cached = !options.cache_directory.empty() && total >= options.least_cached_bytes;
  const RepackCache cache(options.cache_directory);
  const RepackIdentity identity = cached ? repack_identity(file, sources, total) : RepackIdentity{};
  if (cached) {
    if (auto found = cache.find(identity)) {
      weights->mapped_ = std::move(found->file);
      point_into(found->matrices.data());
      return weights;
    }
  }
  ENGRAM_TRY_VOID(check_memory(file, total));
  std::span<std::byte> memory;
  if (cached) {
    if (auto draft = cache.begin(identity)) {
      weights->draft_ = *std::move(draft);
      memory = weights->draft_->matrices();
    } else {
      log_info("{}; they are packed at every start", draft.error().message);
    }
  }
  if (memory.empty()) {
    ENGRAM_TRY(plain, allocate(total));
    weights->memory_ = memory = plain;
  }
  ENGRAM_TRY_VOID(check_finite(file, sources, pool));
  ENGRAM_TRY_VOID(pack_all(sources, matrices, offsets, memory, pool));
  if (file.damaged()) return unreadable_error("cannot load", file);  // zeros were packed
  point_into(memory.data());
  if (weights->draft_ != nullptr) weights->draft_->finish();
  return weights;
}

}  // namespace engram
