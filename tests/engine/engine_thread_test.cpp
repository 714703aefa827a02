#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/engine.h"
#include "engine/local_engine.h"
#include "tests/support/catch.h"
#include "tests/support/scripted_model.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

std::shared_ptr<const Tokenizer> vocabulary() {
  return tiny_tokenizer(
      {.pre = "qwen2", .merges = {{"a", "b"}}, .control = {"<|endoftext|>"}, .user_defined = {}});
}

// A flag another thread waits for.
class Notification {
 public:
  void notify() {
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

std::shared_ptr<LocalEngine> start(std::shared_ptr<ScriptedModel::Log> log) {
  LocalEngineParts parts;
  parts.tokenizer = vocabulary();
  const std::size_t n = parts.tokenizer->vocab_size();
  parts.model = std::make_unique<ScriptedModel>(n, babble(n), std::move(log));
  auto engine = std::make_shared<LocalEngine>(std::move(parts), EngineOptions{});
  engine->start_thread();
  return engine;
}

GenerationRequest ask(std::size_t max_tokens) {
  GenerationRequest request;
  request.prompt.push_back({PromptPart::Kind::kText, "prompt"});
  request.max_tokens = max_tokens;
  return request;
}
constexpr std::size_t kForever = 1'000'000;

}  // namespace

TEST_CASE("engine: several threads generate at once and get what one alone gets", "[engine]") {
  const auto engine = start(std::make_shared<ScriptedModel::Log>());
  std::string streamed;
  const auto expected =
      generate(*engine, ask(20), [&](std::string_view piece) { streamed += piece; });
  CHECK(expected.tokens.size() == 20);
  CHECK(streamed == expected.text);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) wrong += generate(*engine, ask(20)).text != expected.text;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(engine->memory_bytes() > 0);
}

TEST_CASE("engine: cancelling what runs brings the final event", "[engine]") {
  const auto engine = start(std::make_shared<ScriptedModel::Log>());
  Notification started, ended;
  StopReason reason = StopReason::kError;
  const RequestId id = engine->submit(ask(kForever), [&](const GenerationEvent& e) {
    started.notify();
    if (e.done == nullptr) return;
    reason = e.done->stop_reason;
    ended.notify();
  });
  REQUIRE(started.wait());
  engine->cancel(id);
  REQUIRE(ended.wait());
  CHECK(reason == StopReason::kCancelled);
}

TEST_CASE("engine: a deadline interrupts the batch that runs", "[engine]") {
  // Each token takes until the batch is stopped: only the deadline can end it.
  auto log = std::make_shared<ScriptedModel::Log>();
  log->before_token = [] { std::this_thread::yield(); };
  const auto engine = start(log);
  auto request = ask(kForever);
  request.deadline = std::chrono::milliseconds(20);
  const auto result = generate(*engine, request);
  CHECK(result.stop_reason == StopReason::kDeadline);
}

TEST_CASE("engine: destroying it ends all requests with a final event", "[engine]") {
  auto engine = start(std::make_shared<ScriptedModel::Log>());
  Notification started;
  std::atomic<int> cancelled = 0;
  const auto on_event = [&](const GenerationEvent& e) {
    started.notify();
    if (e.done != nullptr && e.done->stop_reason == StopReason::kCancelled) ++cancelled;
  };
  engine->submit(ask(kForever), on_event);
  engine->submit(ask(kForever), on_event);
  engine->submit(ask(kForever), on_event);
  REQUIRE(started.wait());
  engine.reset();
  CHECK(cancelled == 3);
}

TEST_CASE("engine: a callback may let go of the engine itself", "[engine]") {
  auto engine = start(std::make_shared<ScriptedModel::Log>());
  Notification ended;
  std::shared_ptr<LocalEngine> last = engine;
  engine.reset();
  LocalEngine* raw = last.get();
  raw->submit(ask(3), [&](const GenerationEvent& e) {
    if (e.done == nullptr) return;
    last.reset();
    ended.notify();
  });
  CHECK(ended.wait());
}

TEST_CASE("engine: a callback may submit and cancel", "[engine]") {
  const auto engine = start(std::make_shared<ScriptedModel::Log>());
  Notification ended;
  engine->submit(ask(2), [&](const GenerationEvent& e) {
    if (e.done == nullptr) return;
    const RequestId next = engine->submit(ask(kForever), [&](const GenerationEvent& inner) {
      if (inner.done != nullptr) ended.notify();
    });
    engine->cancel(next);
  });
  CHECK(ended.wait());
}

}  // namespace engram
