// core/executor.h: where work runs. Production code posts to a ThreadPool; tests use a
// ManualExecutor, which runs nothing until told, so that interleavings are chosen and not hoped
// for.
//
// Threads: post() is thread-safe.  Errors: a job that throws is logged once and dropped; the
// executor lives on.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/sync.h"

namespace engram {

using Job = std::function<void()>;

class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(Job job) = 0;
};

// A fixed number of named threads over one FIFO queue. The queue is bounded: post() blocks the
// caller when `max_queued` jobs wait (never call it from a job of the same pool then).
// The destructor runs what is queued, then joins.
class ThreadPool final : public Executor {
 public:
  struct Options {
    std::string name = "worker";  // as shown by ps -L; at most 15 bytes
    std::size_t threads = 1;
    std::size_t max_queued = 4096;
    bool background = false;  // lower scheduling priority (nice, SCHED_BATCH)
  };
  explicit ThreadPool(Options options);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(Job job) override;
  void wait_idle();  // returns once nothing is queued or running

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Runs jobs only in run_one() / run_until_idle(), on the calling thread, in order of posting.
class ManualExecutor final : public Executor {
 public:
  void post(Job job) override;
  bool run_one();  // false when nothing waits
  std::size_t run_until_idle();
  std::size_t queued() const;

 private:
  mutable Mutex mutex_;
  std::deque<Job> jobs_ ENGRAM_GUARDED_BY(mutex_);
};

void set_thread_name(const std::string& name);
void set_background_priority();  // for the calling thread

}  // namespace engram
