// core/sync.h: clang's thread-safety annotations and a mutex that carries them.
//
// Every mutex names the data it guards (ENGRAM_GUARDED_BY); clang checks it (-Wthread-safety).
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define ENGRAM_ATTRIBUTE(x) __attribute__((x))
#else
#define ENGRAM_ATTRIBUTE(x)
#endif
#define ENGRAM_GUARDED_BY(m) ENGRAM_ATTRIBUTE(guarded_by(m))
#define ENGRAM_REQUIRES(m) ENGRAM_ATTRIBUTE(requires_capability(m))

namespace engram {

class ENGRAM_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() ENGRAM_ATTRIBUTE(acquire_capability()) { m_.lock(); }
  void unlock() ENGRAM_ATTRIBUTE(release_capability()) { m_.unlock(); }

 private:
  std::mutex m_;
};

class ENGRAM_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& m) ENGRAM_ATTRIBUTE(acquire_capability(m)) : m_(m) { m_.lock(); }
  ~MutexLock() ENGRAM_ATTRIBUTE(release_capability()) { m_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& m_;
};

// Waits on a Mutex the caller holds: cv.wait(mutex) with std::condition_variable_any.
using ConditionVariable = std::condition_variable_any;

}  // namespace engram
