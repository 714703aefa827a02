#include "indexer/semantic/worker_share.h"

#include "tests/support/catch.h"

namespace engram {

namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

// A machine on which time passes in milliseconds and workers that may run get `cores` of it.
struct Machine {
  double cores = 0.25;
  WorkerShare share;
  WorkerShare::TimePoint now{std::chrono::hours(1)};
  WorkerShare::Nanoseconds used{0};
  WorkerShare::Order order;
  double running_ms = 0;  // while somebody waited

  void pass(std::chrono::milliseconds time, bool somebody_waits) {
    order = share.next(now, somebody_waits, used);  // told at once when that changes
    for (auto ms = 0ms; ms < time; ++ms) {
      if (order.until && now >= *order.until) order = share.next(now, somebody_waits, used);
      now += 1ms;
      if (order.stand_still) continue;
      if (somebody_waits) ++running_ms;
      used += std::chrono::duration_cast<WorkerShare::Nanoseconds>(Seconds(cores / 1000));
    }
  }
};

}  // namespace

TEST_CASE("worker_share: workers stand still while somebody waits, at once and not for long",
          "[semantic]") {
  Machine m;
  m.pass(10s, false);
  CHECK_FALSE(m.order.stand_still);
  CHECK_FALSE(m.order.until);  // nobody polls
  m.pass(400ms, true);
  CHECK(m.running_ms == 0);
  m.pass(1ms, false);
  CHECK_FALSE(m.order.stand_still);
}

TEST_CASE("worker_share: a fifth of a core is theirs, however long somebody types", "[semantic]") {
  const double cores = GENERATE(0.25, 0.5, 1.0, 2.0);
  Machine m;
  m.cores = cores;
  m.pass(1s, false);
  const auto before = m.used;
  m.pass(60s, true);
  const double share = Seconds(m.used - before).count() / 60;
  CHECK(share > 0.19);
  CHECK(share < 0.23);  // a slice is measured every kLook
  // Where they get more when they run, they disturb for less of the time.
  CHECK(m.running_ms / 60'000 < 0.2 / cores + 0.05);
}

TEST_CASE("worker_share: short requests in a row starve nothing either", "[semantic]") {
  Machine m;
  const auto before = m.used;
  for (int i = 0; i < 200; ++i) {
    m.pass(299ms, true);
    m.pass(1ms, false);
  }
  CHECK(Seconds(m.used - before).count() / 60 > 0.19);
}

TEST_CASE("worker_share: workers that had nothing to do are owed little", "[semantic]") {
  Machine m;
  m.cores = 0;
  m.pass(60s, false);
  m.cores = 0.25;
  m.pass(2s, true);
  CHECK(Seconds(m.used).count() < 0.9);
}

}  // namespace engram
