// lsp/timers.h: the clock and the alarms of the io thread, as an interface, so that tests own time.
//
// Threads: confined to the io thread; jobs run there.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/executor.h"

namespace engram::lsp {

using Clock = std::chrono::steady_clock;
using TimerId = std::uint64_t;  // 0 is no timer

class Timers {
 public:
  virtual ~Timers() = default;
  virtual Clock::time_point now() const = 0;
  virtual TimerId after(Clock::duration delay, Job job) = 0;
  virtual void cancel(TimerId id) = 0;  // unknown or already run: nothing
};

}  // namespace engram::lsp
