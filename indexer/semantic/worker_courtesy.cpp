#include "indexer/semantic/worker_courtesy.h"

#include "indexer/semantic/worker_share.h"

namespace engram {

void WorkerCourtesy::changed() {
  {
    const MutexLock lock(mutex_);
    ++changes_;
  }
  wake_.notify_all();
}

void WorkerCourtesy::govern(RunningWorkers& workers, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { changed(); });
  WorkerShare share;
  while (!stop.stop_requested()) {
    std::uint64_t seen = 0;
    {
      const MutexLock lock(mutex_);
      seen = changes_;
    }
    const auto order =
        share.next(std::chrono::steady_clock::now(), somebody_waits_(), workers.used());
    order.stand_still ? workers.stop_all() : workers.continue_all();
    MutexLock lock(mutex_);
    while (changes_ == seen) {
      if (!order.until) {
        wake_.wait(mutex_);
      } else if (wake_.wait_until(mutex_, *order.until) == std::cv_status::timeout) {
        break;
      }
    }
  }
  workers.continue_all();
}

}  // namespace engram
