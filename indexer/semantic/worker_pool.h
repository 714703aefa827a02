// indexer/semantic/worker_pool.h: slots of engram-clang-worker, and the translation units that wait
// for one.
//
// A unit that ends its worker (crash, too long, too large, a damaged reply) is tried once more, in
// a fresh worker, with function bodies left out; if that fails as well it is quarantined, with the
// reason, and nobody else loses anything. With `claims`, units that ask for it tell each header
// once (header_claims.h): what a unit told is taken when its `done` has returned. With `courtesy`,
// workers stand still and nothing new is begun while somebody waits (worker_courtesy.h). Workers
// are started when there is something to do, and replaced after kUnitsPerWorker.
//
// Threads: thread-safe. `done` runs on the slot's thread, once for every unit submitted, also for
// those dropped by the destructor (kCancelled).  Errors: in the outcome.
#pragma once

#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/sync.h"
#include "indexer/semantic/header_claims.h"
#include "indexer/semantic/running_workers.h"
#include "indexer/semantic/worker_courtesy.h"
#include "indexer/semantic/worker_process.h"

namespace engram {

enum class UnitEnd : std::uint8_t {
  kIndexed,
  kBodiesSkipped,  // the second try; what functions do inside is unknown
  kFailed,         // nothing to parse: no such file, unusable arguments
  kQuarantined,
  kCancelled,
};
std::string_view to_string(UnitEnd end);

struct UnitOutcome {
  UnitEnd end = UnitEnd::kIndexed;
  std::string reason;  // why not kIndexed
  UnitFacts facts;     // of kIndexed and kBodiesSkipped
};

class WorkerPool {
 public:
  using Done = std::function<void(UnitOutcome)>;

  static constexpr std::size_t kMaxWaiting = 1 << 18;
  static constexpr int kUnitsPerWorker = 200;

  // `claims` and `courtesy` outlive the pool; no claims: every unit tells all it read.
  WorkerPool(WorkerOptions worker, std::size_t slots, HeaderClaims* claims = nullptr,
             WorkerCourtesy* courtesy = nullptr);
  ~WorkerPool();  // ends running units, drops waiting ones
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // false, and `done` is never called, when kMaxWaiting units wait already.
  bool submit(UnitRequest request, Done done);
  // How many of the slots may work from their next unit on; the others let their workers go.
  void limit(std::size_t slots);
  void wait_idle();

 private:
  struct Waiting {
    UnitRequest request;
    Done done;
  };
  class Slot;
  void serve(std::size_t number);
  bool take(std::size_t number, Waiting& next);
  bool may_work(std::size_t number) const;

  const WorkerOptions worker_;
  HeaderClaims* const claims_;
  std::stop_source stop_;
  RunningWorkers running_workers_;
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Waiting> waiting_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t running_ ENGRAM_GUARDED_BY(mutex_) = 0;
  std::size_t limit_ ENGRAM_GUARDED_BY(mutex_) = SIZE_MAX;
  std::vector<std::thread> threads_;
};

// How many workers this machine bears now: one a core, as long as each has 1.5 GB of what is free;
// at least one, at most `wanted` when that is not 0.
std::size_t worker_slots(std::size_t wanted, std::size_t cores, std::uint64_t free_bytes);
// How many should go on where `now` work and so much is free with them: one more where there is
// room for it, one fewer where memory runs short; at least one, at most `most`.
std::size_t worker_slots_from_now(std::size_t now, std::size_t most, std::uint64_t free_bytes);
std::uint64_t memory_for_workers();  // MemAvailable; 0 when unknown

}  // namespace engram
