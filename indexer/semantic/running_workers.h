// indexer/semantic/running_workers.h: the worker processes of a pool, to stop and to continue.
//
// Stopping is SIGSTOP: whatever a worker is doing, it is off the processor at once and goes on
// where it was, and so is what it forked: a worker leads a group of processes. One that may be
// stopped dies with the thread that started it (worker_process.h). Workers are held by descriptor,
// so that a number given to another process is never signalled.
//
// Threads: thread-safe.  Errors: none; a worker that has ended is past stopping.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <list>
#include <stop_token>

#include "core/file_descriptor.h"
#include "core/sync.h"

namespace engram {

class RunningWorkers {
 public:
  RunningWorkers() = default;
  RunningWorkers(const RunningWorkers&) = delete;
  RunningWorkers& operator=(const RunningWorkers&) = delete;

  // As long as it lives the process is among them. It must not have been waited for before.
  class Membership {
   public:
    Membership(RunningWorkers& workers, pid_t pid);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

   private:
    friend class RunningWorkers;
    RunningWorkers& workers_;
    const pid_t pid_;
    const FileDescriptor process_;
    std::list<Membership*>::iterator place_;
  };

  void stop_all();
  void continue_all();
  // Blocks while they are stopped, unless `stop` is requested: nothing new is begun then.
  void wait_while_stopped(const std::stop_token& stop);
  // Processor time of those alive and of what they forked, as far as that is alive.
  std::chrono::nanoseconds used() const;

 private:
  void signal_all(bool stopped);

  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::list<Membership*> members_ ENGRAM_GUARDED_BY(mutex_);
  bool stopped_ ENGRAM_GUARDED_BY(mutex_) = false;
};

}  // namespace engram
