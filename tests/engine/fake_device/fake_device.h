// tests/engine/fake_device/fake_device.h: a device with memory of its own that works in order on
// its own thread.
//
// Stands for a GPU: its memory is reachable through its copies alone, work is done some time after
// it was submitted, and an error shows when somebody waits. Tests can hold it before a piece of
// work, and make copies fail.
//
// Threads: what the class offers is the engine thread's; hold() and release() are any thread's.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/sync.h"
#include "engine/backend/work_queue.h"
#include "engine/compute/aligned_buffer.h"
#include "tests/engine/fake_device/arena.h"

namespace engram::test {

class FakeDevice final : public WorkQueue {
 public:
  using Work = std::function<void()>;
  using Buffer = std::shared_ptr<AlignedBuffer<std::byte>>;  // in the arena
  enum class Kind { kOperation, kAlways };                   // kAlways: no stop leaves it out

  explicit FakeDevice(std::size_t arena_bytes = std::size_t{1} << 30U);
  ~FakeDevice() override;  // when all work is done
  FakeDevice(const FakeDevice&) = delete;
  FakeDevice& operator=(const FakeDevice&) = delete;

  Arena& arena() { return arena_; }
  Result<Buffer> allocate(std::size_t bytes);  // kBusy

  // All queued. `from` is copied at once; `to` is written by a fence behind.
  void submit(Work work, Kind kind = Kind::kOperation);
  void upload(const Buffer& to, std::span<const std::byte> from, Kind kind = Kind::kOperation);
  void download(const Buffer& from, std::span<std::byte> to);

  bool asynchronous() const override { return true; }
  void set_stop(std::stop_token stop) override { stop_ = std::move(stop); }
  Fence fence() override;
  Result<void> wait(Fence fence) override;
  bool captures() const override { return true; }
  void begin_capture() override;
  std::unique_ptr<Graph> end_capture() override;
  void replay(const Graph& graph) override;

  // For tests. Pieces of work count from the device's start.
  void hold(std::size_t before);  // stops there until release()
  void release();
  void wait_until_held();
  void fail_copies() { fail_copies_ = true; }
  std::size_t done() const;
  std::size_t submitted() const;
  struct Counts {
    std::size_t waits = 0, uploads = 0, downloads = 0, captures = 0, replays = 0;
  };
  Counts counts;

 private:
  struct Entry {
    Work work;
    Kind kind = Kind::kOperation;
    std::stop_token stop;
  };
  struct Recording;
  void push(Entry entry);
  void copy(void* to, const void* from, std::size_t bytes) const;
  void loop();
  void run(const Entry& entry);
  void fail(Error error);

  Arena arena_;
  std::stop_token stop_;
  std::optional<std::vector<Entry>> captured_;
  std::atomic<bool> fail_copies_ = false;

  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Entry> queue_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t submitted_ ENGRAM_GUARDED_BY(mutex_) = 0, done_ ENGRAM_GUARDED_BY(mutex_) = 0;
  std::size_t hold_before_ ENGRAM_GUARDED_BY(mutex_) = SIZE_MAX;
  bool held_ ENGRAM_GUARDED_BY(mutex_) = false, quit_ ENGRAM_GUARDED_BY(mutex_) = false;
  Result<void> lost_ ENGRAM_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace engram::test
