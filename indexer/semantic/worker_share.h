// indexer/semantic/worker_share.h: how much of the machine Clang's workers get beside a person who
// waits for an answer.
//
// WorkerShare is the rule, free of clocks and processes. While somebody waits the workers stand
// still, but kShare of one core is theirs at all times: what they did not get is owed to them, and
// once that is worth kSlice of processor time they run until it is paid. So an answer is disturbed
// rarely and constant typing starves nothing.
//
// Threads: confined.
#pragma once

#include <chrono>
#include <optional>

namespace engram {

class WorkerShare {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Nanoseconds = std::chrono::nanoseconds;

  static constexpr double kShare = 0.2;
  // So many times as long as where nobody waits may a worker take by the clock.
  static constexpr int kStretch = static_cast<int>(1 / kShare);
  static constexpr Nanoseconds kSlice = std::chrono::milliseconds(100);
  static constexpr Nanoseconds kMostOwed = std::chrono::milliseconds(300);  // idle time is no debt
  static constexpr Nanoseconds kLook =
      std::chrono::milliseconds(20);  // how often a slice is measured

  struct Order {
    bool stand_still = false;
    std::optional<TimePoint> until = {};  // ask again then; nullopt: when somebody begins to wait
  };
  // `used`: processor time of all workers up to now; it may fall when one has ended.
  Order next(TimePoint now, bool somebody_waits, Nanoseconds used);

 private:
  std::optional<TimePoint> last_;
  Nanoseconds last_used_{0};
  Nanoseconds owed_{0};
  bool paying_ = false;
};

}  // namespace engram
