#include "engine/benchmark_ceilings.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "engine/compute/aligned_buffer.h"
#include "engine/compute/compute_pool.h"
#include "kernels/kernel_table.h"

namespace engram {
namespace {

constexpr int kRuns = 5;
constexpr std::size_t kTasks = 64;

// Best of a few: a ceiling is what was possible at least once.
template <class Work>
double best_seconds(Work work) {
  double best = 1e30;
  for (int i = 0; i < kRuns; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

}  // namespace

double measure_read_gb_per_s(unsigned threads, std::size_t bytes) {
  const std::size_t words = bytes / sizeof(std::uint64_t) / kTasks * kTasks;
  AlignedBuffer<std::uint64_t> memory(words);
  std::memset(memory.data(), 1, words * sizeof(std::uint64_t));  // real pages, not the zero page
  ComputePool pool(threads);
  std::atomic<std::uint64_t> sink{0};
  const double seconds = best_seconds([&] {
    pool.for_each(words, words / kTasks, [&](std::size_t begin, std::size_t end, unsigned) {
      sink.fetch_xor(read_peak(memory.data() + begin, end - begin), std::memory_order_relaxed);
    });
  });
  return static_cast<double>(words * sizeof(std::uint64_t)) / seconds * 1e-9;
}

double measure_multiply_gmac_per_s(unsigned threads, std::string_view kernels) {
  const KernelTable* table = find_kernel_table(kernels);
  if (table == nullptr || table->multiply_peak == nullptr) return 0;
  constexpr std::size_t kRounds = 200'000;
  ComputePool pool(threads);
  std::atomic<std::uint64_t> macs{0};
  const double seconds = best_seconds([&] {
    macs = 0;
    pool.for_each(kTasks, 1, [&](std::size_t, std::size_t, unsigned) {
      macs.fetch_add(table->multiply_peak(kRounds).macs, std::memory_order_relaxed);
    });
  });
  return static_cast<double>(macs.load()) / seconds * 1e-9;
}

}  // namespace engram
