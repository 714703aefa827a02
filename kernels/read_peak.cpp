#include "kernels/peak.h"

namespace engram {

std::uint64_t read_peak(const std::uint64_t* words, std::size_t n) {
  constexpr std::size_t kLanes = 16;
  std::uint64_t sums[kLanes] = {};
  for (std::size_t i = 0; i + kLanes <= n; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] ^= words[i + lane];
  }
  std::uint64_t all = 0;
  for (const std::uint64_t sum : sums) all ^= sum;
  return all;
}

}  // namespace engram
