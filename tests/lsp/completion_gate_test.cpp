#include "lsp/completion_gate.h"

#include <thread>

#include "tests/support/catch.h"

namespace engram::lsp {

using namespace std::chrono_literals;

TEST_CASE("gate: indexing pauses at most two seconds in a row, then works, and is never starved",
          "[lsp]") {
  PauseBudget budget;
  const Clock::time_point t0{};
  CHECK_FALSE(budget.pause_until(t0, false));
  CHECK(budget.pause_until(t0, true) == t0 + 2s);
  CHECK(budget.pause_until(t0 + 1s, true) == t0 + 2s);  // still the same pause
  CHECK_FALSE(budget.pause_until(t0 + 2s, true));       // used up: work
  CHECK_FALSE(budget.pause_until(t0 + 2400ms, true));   // for half a second
  CHECK(budget.pause_until(t0 + 2500ms, true) == t0 + 4500ms);
  CHECK_FALSE(budget.pause_until(t0 + 3s, false));  // completions over
  CHECK(budget.pause_until(t0 + 3s, true) == t0 + 5s);
}

TEST_CASE("gate: over a minute of uninterrupted completions indexing gets a fifth of the time",
          "[lsp]") {
  PauseBudget budget;
  Clock::time_point now{};
  Clock::duration worked{};
  while (now < Clock::time_point(1min)) {
    if (const auto until = budget.pause_until(now, true)) {
      CHECK(*until - now <= 2s);
      now = *until;
    } else {
      now += 10ms;  // one file
      worked += 10ms;
    }
  }
  CHECK(worked >= 11s);
}

TEST_CASE("gate: the indexer is let through when the completion ends or the gate closes", "[lsp]") {
  CompletionGate gate;
  gate.wait();  // nobody completes
  gate.enter();
  std::jthread indexer([&] { gate.wait(); });
  gate.leave();
  indexer.join();
  gate.enter();
  std::jthread closing([&] { gate.wait(); });
  gate.close();
}

}  // namespace engram::lsp
