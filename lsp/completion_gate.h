// lsp/completion_gate.h: indexing steps aside while a completion runs, and is never starved.
//
// PauseBudget is the rule, free of clocks and threads: a pause lasts while completions run, at most
// kLongestPause in a row; after so long a pause indexing may work for kWorkSlice undisturbed.
// CompletionGate applies it: completions enter() and leave(), the indexer calls wait() between
// files. Who needs to know at once that completions begin or end sets a listener.
//
// Threads: PauseBudget is confined; CompletionGate is thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "core/sync.h"
#include "lsp/timers.h"

namespace engram::lsp {

class PauseBudget {
 public:
  static constexpr auto kLongestPause = std::chrono::seconds(2);
  static constexpr auto kWorkSlice = std::chrono::milliseconds(500);

  // Until when the indexer must wait if completions go on; nullopt: it may work now.
  std::optional<Clock::time_point> pause_until(Clock::time_point now, bool busy);

 private:
  std::optional<Clock::time_point> pause_began_;
  std::optional<Clock::time_point> slice_ends_;
};

class CompletionGate {
 public:
  void enter();
  void leave();
  void close();  // for good: nobody waits any more (the server ends)
  void wait();
  std::size_t running() const;  // completions now, those that wait for the model included
  // Called on any thread when running() has come to or from zero; it must not block, nor call back.
  void set_listener(std::function<void()> listener);

 private:
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::function<void()> listener_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t running_ ENGRAM_GUARDED_BY(mutex_) = 0;
  bool closed_ ENGRAM_GUARDED_BY(mutex_) = false;
  PauseBudget budget_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram::lsp
