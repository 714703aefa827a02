#include "tests/engine/fake_device/fake_device.h"

#include <fmt/format.h>

#include <cstring>
#include <new>
#include <stdexcept>

#include "core/check.h"

namespace engram::test {

struct FakeDevice::Recording final : WorkQueue::Graph {
  explicit Recording(std::vector<Entry> w)
      : work(std::make_shared<const std::vector<Entry>>(std::move(w))) {}
  std::shared_ptr<const std::vector<Entry>> work;  // replays may outlive the graph
};

FakeDevice::FakeDevice(std::size_t arena_bytes) : arena_(arena_bytes) {
  thread_ = std::thread([this] { loop(); });
}

FakeDevice::~FakeDevice() {
  {
    const MutexLock lock(mutex_);
    quit_ = true;
    hold_before_ = SIZE_MAX;
  }
  changed_.notify_all();
  thread_.join();
}

Result<FakeDevice::Buffer> FakeDevice::allocate(std::size_t bytes) {
  try {
    return std::make_shared<AlignedBuffer<std::byte>>(bytes, arena_);
  } catch (const std::bad_alloc&) {
    return Error{Errc::kBusy,
                 fmt::format("the device has no room for {} bytes beside the {} in use", bytes,
                             arena_.used())};
  }
}

void FakeDevice::push(Entry entry) {
  {
    const MutexLock lock(mutex_);
    queue_.push_back(std::move(entry));
    ++submitted_;
  }
  changed_.notify_all();
}

void FakeDevice::submit(Work work, Kind kind) {
  Entry entry{std::move(work), kind, stop_};
  if (captured_) {
    captured_->push_back(std::move(entry));
  } else {
    push(std::move(entry));
  }
}

void FakeDevice::copy(void* to, const void* from, std::size_t bytes) const {
  if (fail_copies_) throw std::runtime_error(fmt::format("a copy of {} bytes failed", bytes));
  std::memcpy(to, from, bytes);
}

void FakeDevice::upload(const Buffer& to, std::span<const std::byte> from, Kind kind) {
  ENGRAM_CHECK(from.size() <= to->size(), "more than the buffer holds");
  ++counts.uploads;
  submit(
      [this, to, staged = std::vector<std::byte>(from.begin(), from.end())] {
        copy(to->data(), staged.data(), staged.size());
      },
      kind);
}

void FakeDevice::download(const Buffer& from, std::span<std::byte> to) {
  ENGRAM_CHECK(to.size() <= from->size(), "more than the buffer holds");
  ENGRAM_CHECK(!arena_.contains(to.data()), "not the host's memory");
  ++counts.downloads;
  submit([this, from, to] { copy(to.data(), from->data(), to.size()); });
}

Fence FakeDevice::fence() {
  const MutexLock lock(mutex_);
  return submitted_;
}

Result<void> FakeDevice::wait(Fence fence) {
  ++counts.waits;
  const MutexLock lock(mutex_);
  while (done_ < fence) changed_.wait(mutex_);
  if (!lost_) return lost_;
  if (stop_.stop_requested()) return Error{Errc::kCancelled, "the computation was cancelled"};
  return {};
}

void FakeDevice::begin_capture() {
  ++counts.captures;
  captured_.emplace();
}

std::unique_ptr<WorkQueue::Graph> FakeDevice::end_capture() {
  auto graph = std::make_unique<Recording>(std::move(*captured_));
  captured_.reset();
  return graph;
}

// One submission; still a place between every two operations where a stop is seen.
void FakeDevice::replay(const Graph& graph) {
  ++counts.replays;
  submit([work = dynamic_cast<const Recording&>(graph).work, stop = stop_] {
    for (const Entry& entry : *work) {
      if (!stop.stop_requested()) entry.work();
    }
  });
}

void FakeDevice::hold(std::size_t before) {
  const MutexLock lock(mutex_);
  hold_before_ = before;
}

void FakeDevice::release() {
  {
    const MutexLock lock(mutex_);
    hold_before_ = SIZE_MAX;
  }
  changed_.notify_all();
}

void FakeDevice::wait_until_held() {
  const MutexLock lock(mutex_);
  while (!held_) changed_.wait(mutex_);
}

std::size_t FakeDevice::done() const {
  const MutexLock lock(mutex_);
  return done_;
}
std::size_t FakeDevice::submitted() const {
  const MutexLock lock(mutex_);
  return submitted_;
}

void FakeDevice::fail(Error error) {
  const MutexLock lock(mutex_);
  if (lost_) lost_ = std::move(error);
}

void FakeDevice::run(const Entry& entry) {
  {
    const MutexLock lock(mutex_);
    if (!lost_) return;
  }
  if (entry.kind == Kind::kOperation && entry.stop.stop_requested()) return;
  arena_.open();
  try {
    entry.work();
  } catch (const std::bad_alloc&) {
    fail({Errc::kBusy,
          fmt::format("the device has no room beside the {} bytes in use", arena_.used())});
  } catch (const std::exception& error) {
    fail({Errc::kDevice, fmt::format("the device failed: {}", error.what())});
  }
  arena_.close();
}

void FakeDevice::loop() {
  for (;;) {
    Entry entry;
    {
      const MutexLock lock(mutex_);
      while (queue_.empty() ? !quit_ : done_ >= hold_before_) {
        held_ = !queue_.empty();
        changed_.notify_all();
        changed_.wait(mutex_);
      }
      held_ = false;
      if (queue_.empty()) return;
      entry = std::move(queue_.front());
      queue_.pop_front();
    }
    run(entry);
    entry = {};  // what it holds on to goes before the fence is reached
    {
      const MutexLock lock(mutex_);
      ++done_;
    }
    changed_.notify_all();
  }
}

}  // namespace engram::test
