// kernels/peak.h: the multiplier's ceiling: the table's own dot products, from registers only.
//
// What a matmul of this table could reach if loads, scales and sums were free. Benchmarks print
// their rate beside it, measured in the same run.  Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

struct PeakResult {
  std::uint64_t macs = 0;     // multiply-adds of bytes done
  std::int32_t checksum = 0;  // keeps the compiler from leaving them out
};

}  // namespace engram
