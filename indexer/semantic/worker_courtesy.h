// indexer/semantic/worker_courtesy.h: lets Clang's workers step aside while somebody waits.
//
// Who has people waiting (the language server) makes one and says when that changed; every pool
// that is given it obeys, by the rule of worker_share.h, on a thread of its own.
//
// Threads: thread-safe; `somebody_waits` runs on any thread, and must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "core/sync.h"
#include "indexer/semantic/running_workers.h"

namespace engram {

class WorkerCourtesy {
 public:
  explicit WorkerCourtesy(std::function<bool()> somebody_waits)
      : somebody_waits_(std::move(somebody_waits)) {}

  void changed();  // whether somebody waits may have

  // Until `stop` is requested; then the workers go on.
  void govern(RunningWorkers& workers, const std::stop_token& stop);

 private:
  const std::function<bool()> somebody_waits_;
  Mutex mutex_;
  ConditionVariable wake_;
  std::uint64_t changes_ ENGRAM_GUARDED_BY(mutex_) = 0;
};

}  // namespace engram
