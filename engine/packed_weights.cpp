#include "engine/packed_weights.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

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

}  // namespace

PackedWeights::~PackedWeights() { ::munmap(memory_.data(), memory_.size()); }

Result<std::unique_ptr<PackedWeights>> PackedWeights::pack(
    const GgufFile& file, std::span<const GgufTensor* const> sources, std::span<Matrix*> matrices,
    ComputePool& pool) {
  std::vector<std::size_t> offsets;
  std::size_t total = 0;
  for (const Matrix* m : matrices) {
    offsets.push_back(total);
    total += align_up(packed_bytes(m->type, m->rows, m->cols));
  }
  ENGRAM_TRY_VOID(check_memory(file, total));
  ENGRAM_TRY(memory, allocate(total));
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    Matrix& m = *matrices[i];
    std::byte* destination = memory.data() + offsets[i];
    const std::size_t groups = (m.rows + kRowGroup - 1) / kRowGroup;
    pool.for_each(groups, kGroupsPerTask, [&](std::size_t begin, std::size_t end, unsigned) {
      pack_groups(m.type, sources[i]->data.data(), m.rows, m.cols, begin, end, destination);
    });
    m.data = destination;
  }
  return std::unique_ptr<PackedWeights>(new PackedWeights(memory));
}

}  // namespace engram
