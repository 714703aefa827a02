// engine/local_engine.h: the Engine that runs in this process, built from its parts.
//
// Engine::open() builds one from a file. Tests build one around a model made in code, without a
// thread, and call run_step() themselves: every interleaving is then theirs to choose.
//
// Order: interactive before background; the newest interactive first (a newer keystroke), the
// oldest background first. Once the most urgent one is past its prompt, others of its priority
// decode in the same passes (continuous batching), kMostRows rows together; prompts of further
// background requests go between those passes, so that they join. A more urgent request
// ends the running pass early; what was computed is kept. At most kMaxRequests wait; one more ends
// at once with an error.
//
// Threads: thread-safe, but run_step() belongs to one thread.  Errors: through final events.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "core/sync.h"
#include "engine/engine.h"
#include "engine/generation.h"
#include "engine/kv_pool.h"
#include "engine/machine_queue.h"

namespace engram {

struct LocalEngineParts {
  std::unique_ptr<Transformer> model;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::uint64_t weight_bytes = 0;  // for memory_bytes()
  std::uint64_t kv_budget_bytes = UINT64_MAX;
  std::function<bool()> damaged;  // the model's file is; from any thread. Empty: never
  std::function<Clock::time_point()> now = [] { return Clock::now(); };
  // Tokens of a pass of prefill; what a cancelled pass did is lost. 0: as many as take kPassTime.
  std::size_t prefill_batch = 128;
  std::unique_ptr<MachineQueue> queue;  // null: this process has the machine for itself
};

class LocalEngine final : public Engine {
 public:
  static constexpr std::size_t kMaxRequests = 256;
  static constexpr std::size_t kMostRows = 16;  // of a pass that decodes
  static constexpr std::chrono::milliseconds kPassTime{200};

  LocalEngine(LocalEngineParts parts, const EngineOptions& options);
  ~LocalEngine() override;
  LocalEngine(const LocalEngine&) = delete;
  LocalEngine& operator=(const LocalEngine&) = delete;

  void start_thread();
  // One forward pass of the most urgent request, and those that share it; false: there is none, or
  // another process has its turn.
  bool run_step();

  RequestId submit(GenerationRequest request,
                   std::function<void(const GenerationEvent&)> on_event) override;
  void cancel(RequestId id) override;
  const ModelConfig& config() const override;
  std::shared_ptr<const Tokenizer> shared_tokenizer() const override;
  std::string_view kernels() const override;
  std::uint64_t memory_bytes() const override;
  bool damaged() const override;

 private:
  struct State;  // outlives the engine when its own callback lets go of it
  static void run(const std::shared_ptr<State>& state);
  static void watch_deadlines(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
  std::thread thread_;
  std::thread watcher_;
};

}  // namespace engram
