// lsp/debounce.h: how long an unasked-for completion waits for the next keystroke.
//
// Threads: confined to the io thread.
#pragma once

#include <memory>

#include "lsp/timers.h"

namespace engram::lsp {

class DebouncePolicy {
 public:
  virtual ~DebouncePolicy() = default;
  virtual Clock::duration delay(Clock::time_point request) = 0;  // called once a request
};

std::unique_ptr<DebouncePolicy> fixed_debounce(Clock::duration delay);

// No delay at typing speed, since a newer keystroke cancels within milliseconds anyway; only a
// burst (a held key, a paste in pieces: requests under `burst` apart) waits, for `delay`.
std::unique_ptr<DebouncePolicy> burst_debounce(
    Clock::duration burst = std::chrono::milliseconds(45),
    Clock::duration delay = std::chrono::milliseconds(50));

}  // namespace engram::lsp
