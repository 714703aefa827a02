// kernels/peak.h: what this machine gives when nothing else is asked of it.
//
// Benchmarks print a kernel's rate beside these ceilings, measured in the same run: the byte
// multiplier fed from registers, and memory read from end to end.  Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engram {

struct PeakResult {
  std::uint64_t macs = 0;     // multiply-adds of bytes done
  std::int32_t checksum = 0;  // keeps the compiler from leaving them out
};

// Reads all words; the result keeps the compiler from leaving it out.
std::uint64_t read_peak(const std::uint64_t* words, std::size_t n);

}  // namespace engram
