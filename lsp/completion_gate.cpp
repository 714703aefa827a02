#include "lsp/completion_gate.h"

#include <utility>

namespace engram::lsp {

std::optional<Clock::time_point> PauseBudget::pause_until(Clock::time_point now, bool busy) {
  if (!busy) {
    pause_began_.reset();
    slice_ends_.reset();
    return {};
  }
  if (slice_ends_ && now < *slice_ends_) return {};
  if (slice_ends_) {  // used up: a new pause may begin
    slice_ends_.reset();
    pause_began_.reset();
  }
  if (!pause_began_) pause_began_ = now;
  const Clock::time_point limit = *pause_began_ + kLongestPause;
  if (now < limit) return limit;
  slice_ends_ = now + kWorkSlice;
  return {};
}

void CompletionGate::enter() {
  std::function<void()> tell;
  {
    const MutexLock lock(mutex_);
    if (++running_ == 1) tell = listener_;
  }
  if (tell) tell();
}

void CompletionGate::leave() {
  std::function<void()> tell;
  {
    const MutexLock lock(mutex_);
    if (--running_ == 0) tell = listener_;
  }
  changed_.notify_all();
  if (tell) tell();
}

void CompletionGate::set_listener(std::function<void()> listener) {
  const MutexLock lock(mutex_);
  listener_ = std::move(listener);
}

void CompletionGate::close() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::size_t CompletionGate::running() const {
  const MutexLock lock(mutex_);
  return running_;
}

void CompletionGate::wait() {
  const MutexLock lock(mutex_);
  while (!closed_) {
    const auto until = budget_.pause_until(Clock::now(), running_ > 0);
    if (!until) return;
    changed_.wait_until(mutex_, *until);
  }
}

}  // namespace engram::lsp
