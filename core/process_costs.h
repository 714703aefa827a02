// core/process_costs.h: what this process and its children have cost so far: seconds of processor
// time, user and system together, and the most memory resident, in bytes.
//
// Threads: any (of all threads of the process).  Errors: none.
#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace engram {

inline rusage resources_used_by(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return usage;
}
inline double processor_seconds_of(int who) {
  const rusage usage = resources_used_by(who);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}
inline std::uint64_t peak_bytes_of(int who) {
  return static_cast<std::uint64_t>(resources_used_by(who).ru_maxrss) * 1024;
}

inline double own_processor_seconds() { return processor_seconds_of(RUSAGE_SELF); }
inline std::uint64_t own_peak_bytes() { return peak_bytes_of(RUSAGE_SELF); }

// Of child processes that have been waited for; the peak is that of the largest.
inline double children_processor_seconds() { return processor_seconds_of(RUSAGE_CHILDREN); }
inline std::uint64_t children_peak_bytes() { return peak_bytes_of(RUSAGE_CHILDREN); }

}  // namespace engram
