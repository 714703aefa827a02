// engine/memory_limit.h: refuses an allocation the machine cannot back, before it happens.
//
// Threads: pure functions.  Errors: kBusy, saying what was wanted and what there is.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace engram {

// Bytes the kernel says can be had without swapping; a large number when it does not say.
std::uint64_t available_memory_bytes();
Result<void> check_memory(std::uint64_t bytes, std::string_view what);

}  // namespace engram
