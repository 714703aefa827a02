#include "engine/compute/compute_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <string>

namespace engram {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Long enough to span the gap between two ranges or two decoded tokens, short enough not to show.
constexpr microseconds kWorkerSpin{100};
// The caller spins this long for the last chunk, then lets others on this core run.
constexpr microseconds kCallerSpin{30};
// Waiting longer than this, and than several times one's own share, means a lost core.
constexpr microseconds kStall{400};
constexpr milliseconds kFirstPenalty{10}, kLongestPenalty{640};

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

constexpr std::uint64_t epoch_of(std::uint64_t claim) { return claim >> 32U; }
constexpr std::size_t chunk_of(std::uint64_t claim) { return claim & 0xFFFFFFFFU; }

}  // namespace

ComputePool::ComputePool(unsigned threads) {
  for (unsigned i = 1; i < std::max(threads, 1U); ++i) {
    workers_.emplace_back([this, i] { worker_loop(i); });
    pthread_setname_np(workers_.back().native_handle(), ("compute-" + std::to_string(i)).c_str());
  }
}

ComputePool::~ComputePool() {
  quit_.store(true);
  generation_.fetch_add(1);
  generation_.notify_all();
}

void ComputePool::run(const Job& job) {
  const std::size_t n_chunks = (job.n + job.grain - 1) / job.grain;
  if (n_chunks <= 1 || workers_.empty()) return run_alone(job);
  const auto begin = Clock::now();
  if (begin < alone_until_) return run_alone(job);
  publish(job, n_chunks);
  while (work_on_current_job(0)) {
  }
  wait_until_done(n_chunks, begin);
}

void ComputePool::run_alone(const Job& job) {
  for (std::size_t begin = 0; begin < job.n && !stopped(); begin += job.grain) {
    job.body(job.context, begin, std::min(begin + job.grain, job.n), 0);
  }
}

void ComputePool::publish(const Job& job, std::size_t n_chunks) {
  // The finished job is closed before its fields are overwritten: a worker that read its claim and
  // then, by these releases, a new field, finds the claim changed and gets no chunk.
  const std::uint64_t epoch = epoch_of(claim_.load(std::memory_order_relaxed)) + 1;
  claim_.store((epoch << 32U) | kClosed, std::memory_order_relaxed);
  n_.store(job.n, std::memory_order_release);
  grain_.store(job.grain, std::memory_order_release);
  n_chunks_.store(n_chunks, std::memory_order_release);
  body_.store(job.body, std::memory_order_release);
  context_.store(job.context, std::memory_order_release);
  done_.store(0, std::memory_order_relaxed);
  claim_.store((epoch + 1) << 32U, std::memory_order_release);  // open, with all fields
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();  // no system call unless somebody sleeps
}

bool ComputePool::work_on_current_job(unsigned thread) {
  std::uint64_t claim = claim_.load(std::memory_order_acquire);
  const std::size_t chunk = chunk_of(claim);
  if (chunk == kClosed) return false;
  const std::size_t n = n_.load(std::memory_order_acquire);
  const std::size_t grain = grain_.load(std::memory_order_acquire);
  auto* body = body_.load(std::memory_order_acquire);
  void* context = context_.load(std::memory_order_acquire);
  if (chunk >= n_chunks_.load(std::memory_order_acquire)) return false;
  // Success proves that the job was not closed since, hence that the fields read are its own.
  if (!claim_.compare_exchange_strong(claim, claim + 1, std::memory_order_acq_rel)) return true;
  if (!stopped()) body(context, chunk * grain, std::min((chunk + 1) * grain, n), thread);
  done_.fetch_add(1, std::memory_order_release);  // publishes the chunk's results to the caller
  return true;
}

void ComputePool::wait_until_done(std::size_t n_chunks, Clock::time_point begin) {
  const auto is_done = [&] { return done_.load(std::memory_order_acquire) == n_chunks; };
  for (int i = 0; i < 64; ++i) {
    if (is_done()) return;
    pause();
  }
  const auto own_end = Clock::now();
  const auto stall = std::max<Clock::duration>(kStall, own_end - begin);
  bool noted = false;
  while (!is_done()) {
    const auto now = Clock::now();
    if (now - own_end < kCallerSpin) {
      pause();
      continue;
    }
    sched_yield();
    if (!noted && now - own_end > stall) {
      note_stall(now);
      noted = true;
    }
  }
}

void ComputePool::note_stall(Clock::time_point now) {
  const bool again = now - last_stall_ < 4 * kLongestPenalty;
  penalty_ = again ? std::min<Clock::duration>(2 * penalty_, kLongestPenalty)
                   : Clock::duration(kFirstPenalty);
  last_stall_ = now;
  alone_until_ = now + penalty_;
}

void ComputePool::worker_loop(unsigned thread) {
  for (;;) {
    // In this order: whoever sees the last generation sees the end too, and does not wait for more.
    const std::uint32_t seen = generation_.load(std::memory_order_acquire);
    if (quit_.load(std::memory_order_acquire)) return;
    if (work_on_current_job(thread)) continue;
    const auto asleep_at = Clock::now() + kWorkerSpin;
    while (generation_.load(std::memory_order_relaxed) == seen && Clock::now() < asleep_at) {
      for (int i = 0; i < 8; ++i) pause();
    }
    generation_.wait(seen, std::memory_order_acquire);
  }
}

}  // namespace engram
