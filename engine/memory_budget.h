// engine/memory_budget.h: how much memory a process here may still take.
//
// Threads: pure functions.  Errors: none; unknown is "plenty" (UINT64_MAX).
#pragma once

#include <cstdint>

namespace engram {

// What the machine has available, or what this process's control group still allows, if less.
std::uint64_t free_memory_bytes();

}  // namespace engram
