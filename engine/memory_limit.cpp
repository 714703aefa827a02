#include "engine/memory_limit.h"

#include <fmt/format.h>

#include <fstream>
#include <limits>
#include <string>

namespace engram {

std::uint64_t available_memory_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key, unit;
  std::uint64_t kilobytes = 0;
  while (meminfo >> key >> kilobytes) {
    std::getline(meminfo, unit);
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

Result<void> check_memory(std::uint64_t bytes, std::string_view what) {
  const std::uint64_t available = available_memory_bytes();
  if (bytes <= available) return {};
  return Error{Errc::kBusy,
               fmt::format("cannot load {}: it needs {} MB of memory and {} MB are free; close "
                           "other programs or choose a smaller model",
                           what, bytes >> 20U, available >> 20U)};
}

}  // namespace engram
