#include "core/executor.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "core/log.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("executor: a manual executor runs nothing until told, in order", "[core]") {
  ManualExecutor executor;
  std::vector<int> order;
  executor.post([&] { order.push_back(1); });
  executor.post([&] {
    order.push_back(2);
    executor.post([&] { order.push_back(3); });
  });
  CHECK(order.empty());
  CHECK(executor.run_one());
  CHECK(order == std::vector{1});
  CHECK(executor.run_until_idle() == 2);
  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("executor: a job that throws costs only itself", "[core]") {
  set_log_level(LogLevel::kOff);
  std::atomic<int> done = 0;
  {
    ThreadPool pool({.name = "test", .threads = 2, .max_queued = 4});
    for (int i = 0; i < 100; ++i) {
      pool.post([&, i] {
        if (i % 10 == 0) throw std::runtime_error("no");
        ++done;
      });
    }
    pool.wait_idle();
    CHECK(done == 90);
  }
  set_log_level(LogLevel::kWarn);
}

}  // namespace engram
