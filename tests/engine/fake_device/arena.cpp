#include "tests/engine/fake_device/arena.h"

#include <sys/mman.h>

#include <new>

#include "core/check.h"

namespace engram::test {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t align_up(std::size_t n) { return (n + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

Arena::Arena(std::size_t bytes) : limit_(bytes) {
  void* memory =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = {static_cast<std::byte*>(memory), bytes};
}

Arena::~Arena() { ::munmap(memory_.data(), memory_.size()); }

void Arena::open() {
  ENGRAM_CHECK(::mprotect(memory_.data(), memory_.size(), PROT_READ | PROT_WRITE) == 0, "mprotect");
}
void Arena::close() {
  ENGRAM_CHECK(::mprotect(memory_.data(), memory_.size(), PROT_NONE) == 0, "mprotect");
}

std::size_t Arena::used() const {
  const MutexLock lock(mutex_);
  return used_;
}
void Arena::set_limit(std::size_t bytes) {
  const MutexLock lock(mutex_);
  limit_ = bytes;
}
bool Arena::contains(const void* pointer) const {
  const auto* p = static_cast<const std::byte*>(pointer);
  return p >= memory_.data() && p < memory_.data() + memory_.size();
}

void* Arena::do_allocate(std::size_t bytes, std::size_t alignment) {
  ENGRAM_CHECK(alignment <= kAlignment, "the arena aligns to 64 bytes");
  const std::size_t wanted = align_up(bytes == 0 ? 1 : bytes);
  const MutexLock lock(mutex_);
  if (used_ + wanted > limit_) throw std::bad_alloc();
  std::size_t begin = 0;
  for (const auto& [from, to] : taken_) {  // the first gap that is large enough
    if (from - begin >= wanted) break;
    begin = to;
  }
  if (begin + wanted > memory_.size()) throw std::bad_alloc();
  taken_.emplace(begin, begin + wanted);
  used_ += wanted;
  return memory_.data() + begin;
}

void Arena::do_deallocate(void* pointer, std::size_t, std::size_t) {
  const MutexLock lock(mutex_);
  const auto found =
      taken_.find(static_cast<std::size_t>(static_cast<std::byte*>(pointer) - memory_.data()));
  ENGRAM_CHECK(found != taken_.end(), "not from this arena");
  used_ -= found->second - found->first;
  taken_.erase(found);
}

}  // namespace engram::test
