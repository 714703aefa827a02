#include "indexer/semantic/worker_share.h"

#include <algorithm>

namespace engram {

WorkerShare::Order WorkerShare::next(TimePoint now, bool somebody_waits, Nanoseconds used) {
  using Seconds = std::chrono::duration<double>;
  if (last_) {
    const Nanoseconds due = std::chrono::duration_cast<Nanoseconds>(Seconds(now - *last_) * kShare);
    owed_ += due - std::max(used - last_used_, Nanoseconds(0));
    owed_ = std::clamp(owed_, Nanoseconds(0), kMostOwed);
  }
  last_ = now;
  last_used_ = used;
  if (!somebody_waits) {
    paying_ = false;
    return {};
  }
  if (owed_ >= kSlice) paying_ = true;
  if (owed_ == Nanoseconds(0)) paying_ = false;
  if (paying_) return {false, now + kLook};
  const auto wait = std::chrono::duration_cast<Nanoseconds>(Seconds(kSlice - owed_) / kShare);
  return {true, now + std::max(wait, kLook)};
}

}  // namespace engram
