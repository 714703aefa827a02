#include "indexer/semantic/worker_pool.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include "core/executor.h"

namespace engram {

std::string_view to_string(UnitEnd end) {
  switch (end) {
    case UnitEnd::kIndexed:
      return "indexed";
    case UnitEnd::kBodiesSkipped:
      return "bodies skipped";
    case UnitEnd::kFailed:
      return "failed";
    case UnitEnd::kQuarantined:
      return "quarantined";
    case UnitEnd::kCancelled:
      return "cancelled";
  }
  return "failed";
}

// A worker of this thread's own, started when first asked.
class WorkerPool::Slot {
 public:
  Slot(const WorkerOptions& options, const HeaderClaims* claims, RunningWorkers& running,
       std::stop_token stop)
      : options_(options), claims_(claims), running_(running), stop_(std::move(stop)) {}

  void let_go() {
    membership_.reset();
    worker_.reset();
  }

  UnitOutcome run(UnitRequest request) {
    if (claims_ == nullptr) request.each_header_once = false;
    Result<UnitReply> first = ask(request);
    if (first) return told(*std::move(first), UnitEnd::kIndexed);
    if (first.error().code == Errc::kCancelled) return without_facts(UnitEnd::kCancelled, first);
    if (!started_) return without_facts(UnitEnd::kFailed, first);
    if (request.skip_bodies) return without_facts(UnitEnd::kQuarantined, first);
    request.skip_bodies = true;
    Result<UnitReply> second = ask(request);
    if (second) {
      UnitOutcome outcome = told(*std::move(second), UnitEnd::kBodiesSkipped);
      if (outcome.reason.empty()) outcome.reason = first.error().message;
      return outcome;
    }
    return without_facts(
        second.error().code == Errc::kCancelled ? UnitEnd::kCancelled : UnitEnd::kQuarantined,
        second);
  }

 private:
  Result<UnitReply> ask(UnitRequest& request) {
    started_ = worker_ != nullptr;
    if (worker_ == nullptr) {
      auto worker = WorkerProcess::start(options_);
      if (!worker) return worker.error();
      worker_ = std::move(*worker);
      membership_.emplace(running_, worker_->pid());
      started_ = true;
      units_ = 0;
      claims_sent_ = 0;
    }
    if (request.each_header_once) {
      request.newly_held = claims_->after(claims_sent_);
      claims_sent_ += request.newly_held.size();
    }
    Result<UnitReply> reply = worker_->ask(request, stop_);
    if (reply && !keeps_to(*reply)) {
      reply = Error{Errc::kCorrupt, "engram-clang-worker left out a header that nobody told"};
    }
    if (!reply || ++units_ >= kUnitsPerWorker) let_go();
    return reply;
  }

  bool keeps_to(const UnitReply& reply) const {
    static const HeaderClaims none;
    return (claims_ == nullptr ? none : *claims_).cover(reply.facts);
  }

  static UnitOutcome told(UnitReply reply, UnitEnd end) {
    if (!reply.failure.empty()) return {UnitEnd::kFailed, std::move(reply.failure), {}};
    return {end, {}, std::move(reply.facts)};
  }
  static UnitOutcome without_facts(UnitEnd end, const Result<UnitReply>& reply) {
    return {end, reply.error().message, {}};
  }

  const WorkerOptions& options_;
  const HeaderClaims* const claims_;
  RunningWorkers& running_;
  const std::stop_token stop_;
  std::unique_ptr<WorkerProcess> worker_;
  std::optional<RunningWorkers::Membership> membership_;  // of worker_; goes first
  std::size_t claims_sent_ = 0;                           // to this worker
  bool started_ = false;
  int units_ = 0;
};

static WorkerOptions stoppable(WorkerOptions worker) {
  worker.stoppable = true;
  return worker;
}

WorkerPool::WorkerPool(WorkerOptions worker, std::size_t slots, HeaderClaims* claims,
                       WorkerCourtesy* courtesy)
    : worker_(courtesy == nullptr ? std::move(worker) : stoppable(std::move(worker))),
      claims_(claims) {
  for (std::size_t i = 0; i < std::max<std::size_t>(slots, 1); ++i) {
    threads_.emplace_back([this, i] { serve(i); });
  }
  if (courtesy == nullptr) return;
  threads_.emplace_back([this, courtesy] {
    set_thread_name("clang-courtesy");
    courtesy->govern(running_workers_, stop_.get_token());
  });
}

WorkerPool::~WorkerPool() {
  stop_.request_stop();
  {
    const MutexLock lock(mutex_);
  }  // nobody is between looking at stop_ and waiting
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(UnitRequest request, Done done) {
  {
    const MutexLock lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back({std::move(request), std::move(done)});
  }
  changed_.notify_all();
  return true;
}

void WorkerPool::wait_idle() {
  MutexLock lock(mutex_);
  while (!waiting_.empty() || running_ > 0) changed_.wait(mutex_);
}

void WorkerPool::limit(std::size_t slots) {
  {
    const MutexLock lock(mutex_);
    limit_ = std::max<std::size_t>(slots, 1);
  }
  changed_.notify_all();
}

bool WorkerPool::may_work(std::size_t number) const {
  const MutexLock lock(mutex_);
  return number < limit_;
}

bool WorkerPool::take(std::size_t number, Waiting& next) {
  const MutexLock lock(mutex_);
  while ((waiting_.empty() || number >= limit_) && !stop_.stop_requested()) {
    changed_.wait(mutex_);
  }
  if (waiting_.empty()) return false;
  next = std::move(waiting_.front());
  waiting_.pop_front();
  ++running_;
  return true;
}

void WorkerPool::serve(std::size_t number) {
  set_thread_name("clang-slot");
  if (worker_.background) set_background_priority();
  Slot slot(worker_, claims_, running_workers_, stop_.get_token());
  Waiting next;
  while (take(number, next)) {
    running_workers_.wait_while_stopped(stop_.get_token());
    UnitOutcome outcome{UnitEnd::kCancelled, "cancelled", {}};
    if (!stop_.stop_requested()) outcome = slot.run(next.request);
    const std::vector<HeldView> told = HeaderClaims::told_by(outcome.facts);
    next.done(std::move(outcome));
    if (claims_ != nullptr && next.request.each_header_once) claims_->take(told);
    next = {};
    if (!may_work(number)) slot.let_go();
    {
      const MutexLock lock(mutex_);
      --running_;
    }
    changed_.notify_all();
  }
}

std::size_t worker_slots(std::size_t wanted, std::size_t cores, std::uint64_t free_bytes) {
  constexpr std::uint64_t kEach = std::uint64_t{3} << 29;
  const std::size_t most = wanted == 0 ? std::max<std::size_t>(cores, 1) : wanted;
  if (free_bytes == 0) return most;
  return std::clamp<std::size_t>(static_cast<std::size_t>(free_bytes / kEach), 1, most);
}

std::size_t worker_slots_from_now(std::size_t now, std::size_t most, std::uint64_t free_bytes) {
  constexpr std::uint64_t kShort = std::uint64_t{1} << 30;
  constexpr std::uint64_t kRoom = std::uint64_t{5} << 29;  // what runs short, and one worker's
  if (free_bytes == 0) return now;
  if (free_bytes < kShort) return std::max<std::size_t>(now, 2) - 1;
  return free_bytes < kRoom ? now : std::min(now + 1, most);
}

std::uint64_t memory_for_workers() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  std::uint64_t kilobytes = 0;
  while (file >> name >> kilobytes) {
    if (name == "MemAvailable:") return kilobytes * 1024;
    std::getline(file, unit);
  }
  return 0;
}

}  // namespace engram
