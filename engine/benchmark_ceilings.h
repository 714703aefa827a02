// engine/benchmark_ceilings.h: memory and multiplier ceilings of this machine, right now.
//
// Threads: blocks the caller, uses as many threads as it is told.
#pragma once

#include <cstddef>
#include <string_view>

namespace engram {

// Bytes read per nanosecond, all threads together, over `bytes` of memory.
double measure_read_gb_per_s(unsigned threads, std::size_t bytes);
// Byte multiply-adds per nanosecond with the table `kernels`; 0 when it has none.
double measure_multiply_gmac_per_s(unsigned threads, std::string_view kernels);

}  // namespace engram
