// indexer/clang/worker_sandbox.h: what this process gives up before it reads a repository.
//
// Files: Landlock lets it read below `roots` and nothing else, and write nowhere (kernels without
// it keep GuardedFiles alone). System calls: a list of those a parse needs; all others fail with
// EPERM: no sockets, no programs, no processes, nobody else's memory, no opening for writing.
// Memory and output files: resource limits. Processor time is limited anew for every unit.
//
// A process that forks one for each unit keeps that right until give_up_processes(): it may copy
// itself and wait, no more. It reads the headers that units share, and no unit: a header of the
// repository that shows among those ends it with the part it stands in (prefix_check.h).
//
// Threads: call with one thread running.  Errors: kDevice, when the kernel refuses what it says it
// has; the process must not go on then.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace engram {

struct SandboxState {
  bool files_by_kernel = false;  // Landlock is there
};

enum class Processes : std::uint8_t { kNone, kCopiesOfItself };

Result<SandboxState> enter_sandbox(const std::vector<std::string>& roots,
                                   std::uint64_t memory_bytes,  // 0: no limit
                                   Processes processes = Processes::kNone);
Result<void> give_up_processes();

// SIGXCPU ends the process when it has used `seconds` more than now, SIGALRM when ten times that
// has passed, or `stretch` times as much: who is stopped now and then needs longer.
void limit_time(std::uint32_t seconds, std::uint32_t stretch = 1);

}  // namespace engram
