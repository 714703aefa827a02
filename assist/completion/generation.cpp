#include "assist/completion/generation.h"

#include <algorithm>
#include <optional>
#include <string>

namespace engram {

namespace {

// What the engine thread writes and the caller waits for.
class Mailbox {
 public:
  void put(const GenerationEvent& event) {
    {
      const MutexLock lock(mutex_);
      text_ += event.piece;
      fresh_ = true;
      if (event.done != nullptr) done_ = *event.done;
    }
    changed_.notify_all();
  }
  void wake() {
    {
      const MutexLock lock(mutex_);
      fresh_ = true;
    }
    changed_.notify_all();
  }
  // Waits for news; returns the text so far, and the result once there is one.
  std::optional<GenerationResult> next(std::string& text) {
    const MutexLock lock(mutex_);
    while (!fresh_ && !done_) changed_.wait(mutex_);
    fresh_ = false;
    text = text_;
    return done_;
  }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::string text_ ENGRAM_GUARDED_BY(mutex_);
  bool fresh_ ENGRAM_GUARDED_BY(mutex_) = false;
  std::optional<GenerationResult> done_ ENGRAM_GUARDED_BY(mutex_);
};

constexpr double kMacsPerCoreSecond = 60e9;  // a careful guess for int8 arithmetic
constexpr double kWeightOfNew = 0.5;         // of the newest measurement
constexpr std::size_t kEnoughPrefill = 24;

}  // namespace

GenerationResult run_generation(Engine& engine, GenerationRequest request,
                                const std::function<bool(std::string_view)>& enough,
                                std::stop_token stop) {
  const auto box = std::make_shared<Mailbox>();
  const RequestId id =
      engine.submit(std::move(request), [box](const GenerationEvent& event) { box->put(event); });
  const std::stop_callback on_stop(stop, [&] { box->wake(); });
  std::string text;
  bool ended = false;
  for (;;) {
    auto done = box->next(text);
    if (done) {
      if (done->stop_reason == StopReason::kCancelled && !stop.stop_requested()) {
        done->stop_reason = StopReason::kStopString;  // we had enough
      }
      return *std::move(done);
    }
    if (ended) continue;
    ended = stop.stop_requested() || (enough && enough(text));
    if (ended) engine.cancel(id);
  }
}

SpeedModel::SpeedModel(const ModelConfig& config, unsigned threads) {
  const double d = config.d_model, kv = double(config.n_kv_heads) * config.head_dim;
  const double block = 2 * d * d + 2 * d * kv + 3 * d * config.d_ff;
  const double weights = std::max(1e6, config.n_layers * block);
  prefill_ = std::clamp(kMacsPerCoreSecond * threads / weights, 5.0, 20000.0);
}

void SpeedModel::observe(const GenerationResult& result) {
  const auto blend = [](double old, double seen) { return old + kWeightOfNew * (seen - old); };
  const MutexLock lock(mutex_);
  const std::size_t prefilled =
      result.prompt_tokens - std::min(result.prompt_tokens, result.reused_tokens);
  if (prefilled >= kEnoughPrefill && result.prefill_ms > 0) {
    const double seen = 1000.0 * static_cast<double>(prefilled) / result.prefill_ms;
    prefill_ = guessing_ ? seen : blend(prefill_, seen);
    guessing_ = false;
  }
}

double SpeedModel::prefill_rate() const {
  const MutexLock lock(mutex_);
  return prefill_;
}

}  // namespace engram
