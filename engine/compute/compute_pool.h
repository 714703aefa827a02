// engine/compute/compute_pool.h: the threads of one model's arithmetic.
//
// for_each() cuts a range into chunks that the caller and the workers claim one by one, and returns
// when every chunk is done. It waits for chunks, not for threads: a worker that lost its core holds
// up nobody unless it sleeps inside a chunk. When that happens the pool computes alone for a while
// (foreign load: another process took a core), then tries its workers again. Workers spin shortly
// between ranges and then sleep in the kernel, so an idle engine costs nothing.
//
// Which thread computes a chunk never changes a result.
//
// Threads: for_each is called by one thread at a time, never from inside a body.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

namespace engram {

class ComputePool {
 public:
  explicit ComputePool(unsigned threads);  // the caller included; at least 1
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  unsigned threads() const { return static_cast<unsigned>(workers_.size()) + 1; }

  // Once `stop` is requested the bodies of chunks not yet begun are left out, until replaced.
  void set_stop(std::stop_token stop) { stop_ = std::move(stop); }
  bool stopped() const { return stop_.stop_requested(); }

  // body(begin, end, thread) for chunks of `grain` of [0, n); thread < threads().
  template <class Body>
  void for_each(std::size_t n, std::size_t grain, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    run({n, grain == 0 ? 1 : grain,
         [](void* context, std::size_t begin, std::size_t end, unsigned thread) {
           (*static_cast<Plain*>(context))(begin, end, thread);
         },
         const_cast<void*>(static_cast<const void*>(&body))});
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    std::size_t n = 0, grain = 1;
    void (*body)(void*, std::size_t, std::size_t, unsigned) = nullptr;
    void* context = nullptr;
  };

  void run(const Job& job);
  void run_alone(const Job& job);
  void publish(const Job& job, std::size_t n_chunks);
  bool work_on_current_job(unsigned thread);  // false: there was nothing to claim
  void wait_until_done(std::size_t n_chunks, Clock::time_point begin);
  void note_stall(Clock::time_point now);
  void worker_loop(unsigned thread);

  // Epoch in the high half, next chunk in the low half, or kClosed while a job's fields change: a
  // claim by a thread that still looks at an older job fails, so no job waits for a thread that
  // holds no chunk of it.
  static constexpr std::uint64_t kClosed = 0xFFFFFFFF;
  alignas(64) std::atomic<std::uint64_t> claim_{kClosed};
  alignas(64) std::atomic<std::size_t> done_{0};
  alignas(64) std::atomic<std::size_t> n_{0}, grain_{1}, n_chunks_{0};
  std::atomic<void (*)(void*, std::size_t, std::size_t, unsigned)> body_{nullptr};
  std::atomic<void*> context_{nullptr};
  alignas(64) std::atomic<std::uint32_t> generation_{0};  // what sleeping workers wait on
  std::atomic<bool> quit_{false};

  std::stop_token stop_;
  Clock::time_point alone_until_{};
  Clock::duration penalty_{};
  Clock::time_point last_stall_{};
  std::vector<std::jthread> workers_;
};

}  // namespace engram
