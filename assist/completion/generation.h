// assist/completion/generation.h: one request to the engine, waited for, and ended early when the
// text so far is enough; and how fast this machine turned out to be.
//
// Threads: run_generation blocks its caller; SpeedModel is thread-safe.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "core/sync.h"
#include "engine/engine.h"

namespace engram {

// `enough` sees the whole text after each piece, on the caller's thread; true ends the request.
// The result's stop_reason is kCancelled only when `stop` asked for it.
GenerationResult run_generation(Engine& engine, GenerationRequest request,
                                const std::function<bool(std::string_view)>& enough,
                                std::stop_token stop);

// Prompt tokens a second, from what was measured; before that, a careful guess from the model's
// size.
class SpeedModel {
 public:
  SpeedModel(const ModelConfig& config, unsigned threads);
  void observe(const GenerationResult& result);
  double prefill_rate() const;

 private:
  mutable Mutex mutex_;
  double prefill_ ENGRAM_GUARDED_BY(mutex_);
  bool guessing_ ENGRAM_GUARDED_BY(mutex_) = true;  // nothing was measured yet
};

}  // namespace engram
