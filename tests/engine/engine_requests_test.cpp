// Many requests: whose turn it is, what they share, and how one ends without the others.
#include "engine/engine.h"

#include <cmath>
#include <optional>

#include "core/text.h"
#include "engine/local_engine.h"
#include "tests/engine/engine_rig.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("engine: interactive requests go first, the newest before older ones", "[engine]") {
  //   time      ->  b1 prefill | i1, i2 arrive | i2 | i1 | b1 | b2
  Bench bench(recite(vocabulary(), "xyz", end_token()), 4);
  std::vector<std::string> order;
  const auto submit = [&](std::string name, Priority priority) {
    auto request = ask("xy");
    request.priority = priority;
    bench.engine->submit(request, [&order, name](const GenerationEvent& e) {
      if (e.done != nullptr) order.push_back(name);
    });
  };
  submit("b1", Priority::kBackground);
  submit("b2", Priority::kBackground);
  bench.engine->run_step();
  submit("i1", Priority::kInteractive);
  submit("i2", Priority::kInteractive);
  bench.run();
  CHECK(order == std::vector<std::string>{"i2", "i1", "b1", "b2"});
}

TEST_CASE("engine: a background batch stops for a keystroke and is taken up again", "[engine]") {
  const std::string prompt = "background work with a long prompt";
  Bench bench(babble(vocab()), 1000);
  auto request = ask(prompt);
  request.priority = Priority::kBackground;
  const auto background = bench.submit(request);
  std::shared_ptr<Bench::Outcome> keystroke;
  bench.log->before_token = [&] {
    if (bench.log->tokens_computed == 10 && !keystroke) keystroke = bench.submit(ask("key", 1));
  };
  bench.engine->run_step();
  CHECK(bench.log->tokens_computed == 10);  // ended early
  bench.engine->run_step();
  REQUIRE(keystroke->result);
  CHECK_FALSE(background->result);
  bench.run();
  REQUIRE(background->result);
  Bench fresh(babble(vocab()));
  CHECK(ids(*background->result) == ids(fresh.generate(ask(prompt))));
}

TEST_CASE("engine: requests of one priority decode in the same passes, each as if alone",
          "[engine]") {
  const std::vector<std::string> prompts = {"one", "another prompt", "one more", "x"};
  Bench bench(babble(vocab()));
  std::vector<std::shared_ptr<Bench::Outcome>> outcomes;
  for (const std::string& prompt : prompts) {
    auto request = ask(prompt, 10 + outcomes.size());
    request.priority = Priority::kBackground;
    request.temperature = outcomes.size() % 2 == 0 ? 0 : 1;
    outcomes.push_back(bench.submit(request));
    bench.engine->run_step();  // arrives while the others run
  }
  bench.run();
  CHECK(bench.log->most_segments >= 2);
  CHECK(bench.log->calls < 46);  // alone: 4 prompts, and 9 + 10 + 11 + 12 tokens
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    Bench fresh(babble(vocab()));
    auto request = ask(prompts[i], 10 + i);
    request.temperature = i % 2 == 0 ? 0 : 1;
    const auto alone = fresh.generate(request);
    REQUIRE(outcomes[i]->result);
    CHECK(ids(*outcomes[i]->result) == ids(alone));
    CHECK(outcomes[i]->result->text == alone.text);
  }
}

TEST_CASE("engine: a keystroke interrupts a pass that others share, and nothing is lost",
          "[engine]") {
  Bench bench(babble(vocab()));
  std::vector<std::shared_ptr<Bench::Outcome>> background;
  for (const char* prompt : {"first work", "second work"}) {
    auto request = ask(prompt, 12);
    request.priority = Priority::kBackground;
    background.push_back(bench.submit(request));
  }
  std::shared_ptr<Bench::Outcome> keystroke;
  std::size_t at = 0;
  bench.log->before_token = [&] {
    if (++at == 25) keystroke = bench.submit(ask("key", 4));
  };
  while (!keystroke) bench.engine->run_step();
  while (!keystroke->result) bench.engine->run_step();
  CHECK_FALSE(background[0]->result);
  CHECK_FALSE(background[1]->result);
  bench.run();
  Bench fresh(babble(vocab()));
  CHECK(ids(*background[0]->result) == ids(fresh.generate(ask("first work", 12))));
  CHECK(ids(*background[1]->result) == ids(fresh.generate(ask("second work", 12))));
}

TEST_CASE("engine: two requests that share one cache both come out right", "[engine]") {
  EngineOptions one;
  one.cached_sequences = 1;
  Bench bench(babble(vocab()), 4, one);
  const auto a = bench.submit(ask("first prompt", 6));
  for (int i = 0; i < 4; ++i) bench.engine->run_step();
  const auto b = bench.submit(ask("the second", 6));
  bench.run();
  REQUIRE(a->result);
  REQUIRE(b->result);
  Bench fresh(babble(vocab()));
  CHECK(ids(*a->result) == ids(fresh.generate(ask("first prompt", 6))));
  CHECK(ids(*b->result) == ids(fresh.generate(ask("the second", 6))));
}

TEST_CASE("engine: a deadline ends a request with what there is", "[engine]") {
  Bench bench(babble(vocab()));
  auto request = ask("prompt", 100);
  request.deadline = std::chrono::milliseconds(50);
  bench.log->before_token = [&] { bench.time += std::chrono::milliseconds(3); };
  const auto result = bench.generate(request);  // 6 prompt tokens: 18 ms, then 3 ms a token
  CHECK(result.stop_reason == StopReason::kDeadline);
  CHECK(result.tokens.size() == 12);
  CHECK(result.prefill_ms == 18);
  CHECK(result.decode_ms == 33);

  const auto waiting = bench.submit(request);
  bench.time += std::chrono::milliseconds(51);
  bench.run();
  CHECK(waiting->result->stop_reason == StopReason::kDeadline);
  CHECK(waiting->result->tokens.empty());
}

TEST_CASE("engine: times are those of the queue, the prefill and the decoding", "[engine]") {
  Bench bench(babble(vocab()));
  bench.log->before_token = [&] { bench.time += std::chrono::milliseconds(2); };
  const auto outcome = bench.submit(ask("four", 3));
  bench.time += std::chrono::milliseconds(7);
  bench.run();
  CHECK(outcome->result->queue_ms == 7);
  CHECK(outcome->result->prefill_ms == 6);  // "f", "o", "ur"
  CHECK(outcome->result->decode_ms == 4);

  RequestId id = 0;
  const auto waiting = bench.submit(ask("four", 3), &id);
  bench.time += std::chrono::milliseconds(5);
  bench.engine->cancel(id);
  bench.run();
  CHECK(waiting->result->queue_ms == 5);
}

TEST_CASE("engine: what cannot be done is said in one line", "[engine]") {
  EngineOptions small;
  small.context_tokens = 16;
  Bench bench(babble(vocab()), 128, small);
  const auto refused = [&](const GenerationRequest& request, std::string_view part) {
    const auto result = bench.generate(request);
    CHECK(result.stop_reason == StopReason::kError);
    INFO(result.error);
    CHECK(result.error.find(part) != std::string::npos);
    CHECK(result.error.find('\n') == std::string::npos);
  };
  refused(ask(""), "prompt is empty");
  refused({}, "prompt is empty");
  refused(ask("seventeen tokens."), "the prompt has 17 tokens, but the context holds 16");
  auto request = ask("a");
  request.prompt.push_back({PromptPart::Kind::kSpecial, "<|nope|>"});
  refused(request, "'<|nope|>'");
  request = ask("a");
  request.temperature = -1;
  refused(request, "temperature");
  request.temperature = NAN;
  refused(request, "temperature");
  request.temperature = 1;
  request.top_p = 0;
  refused(request, "top_p");
  // A full context ends a request that has begun.
  const auto full = bench.generate(ask("1234567890", 100));
  CHECK(full.stop_reason == StopReason::kContextFull);
  CHECK(full.tokens.size() == 7);
}

TEST_CASE("engine: a model that fails ends the request, not the engine", "[engine]") {
  bool broken = true;
  const auto healthy = babble(vocab());
  Bench bench([&](const std::vector<TokenId>& sequence) {
    return broken ? Logits(vocab(), NAN) : healthy(sequence);
  });
  const auto nan = bench.generate(ask("abc"));
  CHECK(nan.stop_reason == StopReason::kError);
  CHECK(nan.error.find("NaN") != std::string::npos);

  broken = false;
  bench.log->fail = [] { return Result<void>(Error{Errc::kDevice, "the device is gone"}); };
  CHECK(bench.generate(ask("abc")).error == "the device is gone");
  bench.log->fail = []() -> Result<void> { throw std::bad_alloc(); };
  CHECK(bench.generate(ask("abc")).error.find("bad_alloc") != std::string::npos);
  bench.log->fail = nullptr;
  CHECK(bench.generate(ask("abc")).stop_reason == StopReason::kMaxTokens);
}

TEST_CASE("engine: a damaged model file ends requests with a message", "[engine]") {
  bool damaged = false;
  LocalEngineParts parts;
  const auto log = std::make_shared<ScriptedModel::Log>();
  parts.model = std::make_unique<ScriptedModel>(vocab(), babble(vocab()), log);
  parts.tokenizer = vocabulary();
  parts.damaged = [&] { return damaged; };
  LocalEngine engine(std::move(parts), {});
  std::string error;
  engine.submit(ask("abc", 10), [&](const GenerationEvent& e) {
    if (e.done != nullptr) error = e.done->error;
  });
  engine.run_step();
  CHECK_FALSE(engine.damaged());
  damaged = true;
  while (engine.run_step()) {
  }
  CHECK(error.find("file changed") != std::string::npos);
  CHECK(engine.damaged());
  // Nothing is computed with it any more.
  const std::size_t calls = log->calls;
  error.clear();
  engine.submit(ask("abc", 10), [&](const GenerationEvent& e) {
    if (e.done != nullptr) error = e.done->error;
  });
  while (engine.run_step()) {
  }
  CHECK(error.find("file changed") != std::string::npos);
  CHECK(log->calls == calls);
}

TEST_CASE("engine: a receiver that throws ends its own request only", "[engine]") {
  Bench bench(babble(vocab()));
  int calls = 0;
  bench.engine->submit(ask("abc"), [&](const GenerationEvent&) {
    ++calls;
    throw std::runtime_error("no");
  });
  const auto other = bench.submit(ask("abd"));
  bench.run();
  CHECK(calls == 2);  // the piece, then the final event
  CHECK(other->result->stop_reason == StopReason::kMaxTokens);
}

TEST_CASE("engine: too many waiting requests are turned away", "[engine]") {
  Bench bench(babble(vocab()));
  std::vector<std::shared_ptr<Bench::Outcome>> outcomes;
  for (std::size_t i = 0; i < LocalEngine::kMaxRequests + 3; ++i) {
    outcomes.push_back(bench.submit(ask("a", 1)));
  }
  bench.run();
  std::size_t refused = 0;
  for (const auto& outcome : outcomes) {
    REQUIRE(outcome->result);
    refused += outcome->result->stop_reason == StopReason::kError ? 1 : 0;
  }
  CHECK(refused == 3);
}

}  // namespace engram
