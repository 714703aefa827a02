// tests/engine/fake_device/arena.h: the memory of a fake device.
//
// No thread can touch it but while it is open: a pointer into it that escapes faults when followed,
// as one into a GPU's memory would. It is a memory resource, so that host code can be given it.
//
// Threads: allocation is thread-safe; open and close belong to the device's thread.
// Errors: std::bad_alloc when it is used up.
#pragma once

#include <cstddef>
#include <map>
#include <memory_resource>
#include <span>

#include "core/sync.h"

namespace engram::test {

class Arena final : public std::pmr::memory_resource {
 public:
  explicit Arena(std::size_t bytes);
  ~Arena() override;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void open();
  void close();

  std::size_t used() const;
  void set_limit(std::size_t bytes);  // of what may be used
  bool contains(const void* pointer) const;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* pointer, std::size_t bytes, std::size_t alignment) override;
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  std::span<std::byte> memory_;
  mutable Mutex mutex_;
  std::map<std::size_t, std::size_t> taken_ ENGRAM_GUARDED_BY(mutex_);  // begin -> end
  std::size_t used_ ENGRAM_GUARDED_BY(mutex_) = 0, limit_ ENGRAM_GUARDED_BY(mutex_) = 0;
};

}  // namespace engram::test
