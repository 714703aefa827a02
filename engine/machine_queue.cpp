#include "engine/machine_queue.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace engram {
namespace {

constexpr off_t kSlotLocks = 4096, kTurnLock = 8192;
constexpr std::uint64_t kBackground = 1, kInteractive = 2;

struct flock byte_lock(short type, off_t byte) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

bool set_lock(int file, short type, off_t byte) {
  auto lock = byte_lock(type, byte);
  if (::fcntl(file, F_OFD_SETLK, &lock) == 0) return true;
  return errno != EAGAIN && errno != EACCES;  // a system without such locks: nobody queues
}

bool is_locked_by_others(int file, off_t byte) {
  auto lock = byte_lock(F_WRLCK, byte);
  return ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::chrono::nanoseconds monotonic_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::uint64_t count(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, time.count()));
}

}  // namespace

Result<std::unique_ptr<MachineQueue>> MachineQueue::open(const std::filesystem::path& directory,
                                                         std::function<Nanoseconds()> now) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (!failed) ::chmod(directory.c_str(), 0700);
  const auto path = directory / "generation-queue";
  std::unique_ptr<MachineQueue> queue(new MachineQueue);
  queue->now_ = now ? std::move(now) : monotonic_now;
  queue->file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (queue->file_ < 0) {
    return Error{Errc::kIo, fmt::format("cannot share the machine with other engram processes: "
                                        "{}: {}",
                                        path.string(), std::strerror(errno))};
  }
  queue->claim_slot();
  return queue;
}

MachineQueue::~MachineQueue() {
  if (file_ < 0) return;
  leave();
  ::close(file_);  // frees the slot
}

bool MachineQueue::claim_slot() {
  for (std::size_t i = 0; i < kSlots; ++i) {
    const off_t byte = kSlotLocks + static_cast<off_t>(i);
    if (is_locked_by_others(file_, byte) || !set_lock(file_, F_WRLCK, byte)) continue;
    own_ = i;
    write_slot({});
    return true;
  }
  return false;
}

void MachineQueue::write_slot(const Slot& slot) {
  if (own_ == kSlots) return;
  const auto at = static_cast<off_t>(own_ * sizeof(Slot));
  if (::pwrite(file_, &slot, sizeof(slot), at) != sizeof(slot)) own_ = kSlots;  // disk full
}

bool MachineQueue::is_aged(const Slot& slot, std::uint64_t now) const {
  const auto patience =
      count(slot.kind == kInteractive ? kInteractivePatience : kBackgroundPatience);
  return slot.waiting_since != 0 && now >= slot.waiting_since &&
         now - slot.waiting_since >= patience;
}

bool MachineQueue::more_urgent(const Slot& a, const Slot& b, std::uint64_t now) const {
  const bool a_aged = is_aged(a, now), b_aged = is_aged(b, now);
  if (a_aged != b_aged) return a_aged;
  if (a_aged) return a.waiting_since < b.waiting_since;
  if (a.kind != b.kind) return a.kind > b.kind;
  return a.kind == kInteractive ? a.asked > b.asked : a.asked < b.asked;
}

bool MachineQueue::somebody_before(const Slot& mine) const {
  std::array<Slot, kSlots> slots{};
  const auto got = ::pread(file_, slots.data(), sizeof(slots), 0);
  const std::size_t n = got <= 0 ? 0 : static_cast<std::size_t>(got) / sizeof(Slot);
  const std::uint64_t now = count(now_());
  for (std::size_t i = 0; i < n; ++i) {
    const Slot& other = slots[i];
    const bool waits =
        other.waiting_since != 0 && (other.kind == kBackground || other.kind == kInteractive);
    if (i == own_ || !waits || !more_urgent(other, mine, now)) continue;
    if (is_locked_by_others(file_, kSlotLocks + static_cast<off_t>(i))) return true;  // it lives
  }
  return false;
}

bool MachineQueue::try_enter(bool interactive, Nanoseconds asked) {
  if (own_ == kSlots) return true;
  Slot mine{.kind = interactive ? kInteractive : kBackground,
            .asked = count(asked),
            .waiting_since = waiting_since_};
  if (holds_.load()) {
    held_kind_ = mine.kind;
    held_asked_ = mine.asked;
    return true;
  }
  if (waiting_since_ == 0) mine.waiting_since = waiting_since_ = count(now_());
  write_slot(mine);
  if (somebody_before(mine) || !set_lock(file_, F_WRLCK, kTurnLock)) return false;
  const std::uint64_t now = count(now_());
  kept_until_ = is_aged(mine, now) ? now + count(kQuantum) : 0;
  held_kind_ = mine.kind;
  held_asked_ = mine.asked;
  mine.waiting_since = waiting_since_ = 0;
  write_slot(mine);
  holds_ = true;
  return true;
}

bool MachineQueue::should_yield() const {
  if (!holds_.load() || count(now_()) < kept_until_.load()) return false;
  return somebody_before({.kind = held_kind_.load(), .asked = held_asked_.load()});
}

void MachineQueue::leave() {
  waiting_since_ = 0;
  write_slot({});
  if (!holds_.exchange(false)) return;
  set_lock(file_, F_UNLCK, kTurnLock);
}

}  // namespace engram
