// engine/machine_queue.h: one queue for all engines of a user on this machine.
//
// Three editor windows are three processes, and each engine alone would take every core. They share
// a file in the user's runtime directory: whoever computes holds the turn (a lock on one byte), the
// others say in a slot of their own what they wait for. The newest keystroke goes first, then older
// ones, then background work in order of arrival. The holder looks between passes, and a watcher
// during them, whether something more urgent waits, and gives the turn away. Who has waited longer
// than kInteractivePatience (kBackgroundPatience) goes before everything newer, and then keeps the
// turn for kQuantum: nobody starves.
//
// The locks are open-file-description locks: the system frees those of a process that dies, turn
// and slot, at once. A 65th process computes without queueing.
//
// Threads: should_yield() may be called from any thread, all else from one.
// Errors: kIo the directory or the file cannot be used; after that nothing fails, a lock that
// cannot be asked for counts as granted (better two at once than none).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/result.h"

namespace engram {

class MachineQueue {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  static constexpr std::chrono::milliseconds kInteractivePatience{1000}, kBackgroundPatience{5000};
  static constexpr std::chrono::milliseconds kQuantum{200};
  static constexpr std::size_t kSlots = 64;

  // `now`: time since a moment that all processes share; empty: CLOCK_MONOTONIC.
  static Result<std::unique_ptr<MachineQueue>> open(const std::filesystem::path& directory,
                                                    std::function<Nanoseconds()> now = {});
  ~MachineQueue();
  MachineQueue(const MachineQueue&) = delete;
  MachineQueue& operator=(const MachineQueue&) = delete;

  // Takes the turn for something that was asked for at `asked`, unless others hold it or somebody
  // more urgent waits; then this process waits, and should try again soon.
  bool try_enter(bool interactive, Nanoseconds asked);
  bool holds() const { return holds_.load(); }
  bool should_yield() const;  // somebody more urgent than the holder waits
  void leave();               // gives the turn away, or gives up waiting
  Nanoseconds now() const { return now_(); }

 private:
  struct Slot {
    std::uint64_t kind = 0;  // 0 nothing, 1 background, 2 interactive
    std::uint64_t asked = 0;
    std::uint64_t waiting_since = 0;  // 0: does not wait
    std::uint64_t unused = 0;
  };
  MachineQueue() = default;
  bool claim_slot();
  void write_slot(const Slot& slot);
  bool is_aged(const Slot& slot, std::uint64_t now) const;
  bool more_urgent(const Slot& a, const Slot& b, std::uint64_t now) const;
  bool somebody_before(const Slot& mine) const;

  int file_ = -1;
  std::size_t own_ = kSlots;  // kSlots: no slot
  std::function<Nanoseconds()> now_;
  std::atomic<bool> holds_ = false;
  std::atomic<std::uint64_t> kept_until_ = 0;
  std::atomic<std::uint64_t> held_kind_ = 0, held_asked_ = 0;
  std::uint64_t waiting_since_ = 0;
};

}  // namespace engram
