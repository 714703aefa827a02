#include "lsp/debounce.h"

#include <optional>

namespace engram::lsp {

namespace {

class Fixed final : public DebouncePolicy {
 public:
  explicit Fixed(Clock::duration delay) : delay_(delay) {}
  Clock::duration delay(Clock::time_point) override { return delay_; }

 private:
  Clock::duration delay_;
};

class Burst final : public DebouncePolicy {
 public:
  Burst(Clock::duration burst, Clock::duration delay) : burst_(burst), delay_(delay) {}

  Clock::duration delay(Clock::time_point request) override {
    const bool in_burst = last_ && request - *last_ < burst_;
    last_ = request;
    return in_burst ? delay_ : Clock::duration::zero();
  }

 private:
  Clock::duration burst_, delay_;
  std::optional<Clock::time_point> last_;
};

}  // namespace

std::unique_ptr<DebouncePolicy> fixed_debounce(Clock::duration delay) {
  return std::make_unique<Fixed>(delay);
}

std::unique_ptr<DebouncePolicy> burst_debounce(Clock::duration burst, Clock::duration delay) {
  return std::make_unique<Burst>(burst, delay);
}

}  // namespace engram::lsp
