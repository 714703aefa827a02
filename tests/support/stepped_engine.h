// tests/support/stepped_engine.h: an engine around a scripted model, stepped by hand.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/local_engine.h"
#include "tests/support/catch.h"
#include "tests/support/scripted_model.h"

namespace engram {

struct SteppedEngine {
  std::shared_ptr<ScriptedModel::Log> log = std::make_shared<ScriptedModel::Log>();
  Clock::time_point time{};
  std::optional<LocalEngine> engine;

  SteppedEngine(const std::shared_ptr<const Tokenizer>& tokenizer, ScriptedModel::Script script,
                std::size_t batch = 128, EngineOptions options = {},
                std::unique_ptr<MachineQueue> queue = {}) {
    LocalEngineParts parts;
    parts.model = std::make_unique<ScriptedModel>(tokenizer->vocab_size(), std::move(script), log);
    parts.tokenizer = tokenizer;
    parts.prefill_batch = batch;
    parts.queue = std::move(queue);
    parts.now = [this] { return time; };
    engine.emplace(std::move(parts), options);
  }

  struct Outcome {
    std::vector<std::string> pieces;
    std::optional<GenerationResult> result;
  };
  std::shared_ptr<Outcome> submit(GenerationRequest request, RequestId* id = nullptr) {
    auto outcome = std::make_shared<Outcome>();
    const RequestId got = engine->submit(std::move(request), [outcome](const GenerationEvent& e) {
      REQUIRE_FALSE(outcome->result);  // nothing after the final event
      outcome->pieces.emplace_back(e.piece);
      if (e.done != nullptr) outcome->result = *e.done;
    });
    if (id != nullptr) *id = got;
    return outcome;
  }
  void run() {
    while (engine->run_step()) {
    }
  }
  GenerationResult generate(GenerationRequest request) {
    const auto outcome = submit(std::move(request));
    run();
    REQUIRE(outcome->result);
    std::string joined;
    for (const std::string& piece : outcome->pieces) joined += piece;
    CHECK(joined == outcome->result->text);
    return *outcome->result;
  }
};

}  // namespace engram
