#include "engine/compute/compute_pool.h"

#include <atomic>
#include <numeric>
#include <vector>

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("compute_pool: every index is visited once, whatever the chunks", "[engine]") {
  const unsigned threads = GENERATE(1U, 2U, 4U);
  const std::size_t n = GENERATE(0U, 1U, 7U, 1000U);
  const std::size_t grain = GENERATE(0U, 1U, 3U, 5000U);
  ComputePool pool(threads);
  CHECK(pool.threads() == threads);
  std::vector<int> visits(n, 0);
  std::atomic<bool> strangers{false};
  pool.for_each(n, grain, [&](std::size_t begin, std::size_t end, unsigned thread) {
    if (thread >= threads) strangers = true;
    for (std::size_t i = begin; i < end; ++i) ++visits[i];
  });
  CHECK(visits == std::vector<int>(n, 1));
  CHECK(!strangers);
}

TEST_CASE("compute_pool: what one range wrote is seen by the next", "[engine]") {
  ComputePool pool(3);
  std::vector<std::uint64_t> values(64, 0);
  for (int round = 0; round < 2000; ++round) {
    // Each element reads a neighbour of the round before.
    std::vector<std::uint64_t> next(values.size());
    pool.for_each(values.size(), 4, [&](std::size_t begin, std::size_t end, unsigned) {
      for (std::size_t i = begin; i < end; ++i) next[i] = values[(i + 1) % values.size()] + 1;
    });
    values = std::move(next);
  }
  CHECK(values == std::vector<std::uint64_t>(64, 2000));
}

TEST_CASE("compute_pool: after a stop the remaining chunks are left out", "[engine]") {
  const unsigned threads = GENERATE(1U, 3U);
  ComputePool pool(threads);
  std::stop_source stop;
  pool.set_stop(stop.get_token());
  std::atomic<int> ran{0}, late{0};
  std::atomic<bool> requested{false};
  pool.for_each(1000, 1, [&](std::size_t, std::size_t, unsigned) {
    if (requested) ++late;
    if (++ran == 5) {
      stop.request_stop();
      requested = true;
    }
  });
  CHECK(ran.load() >= 5);
  // Each other thread may have asked just before the request, and then begins that one chunk.
  CHECK(late.load() < static_cast<int>(threads));
  CHECK(pool.stopped());
  pool.set_stop({});
  ran = 0;
  pool.for_each(10, 1, [&](std::size_t, std::size_t, unsigned) { ++ran; });
  CHECK(ran.load() == 10);
}

TEST_CASE("compute_pool: a pool that ends while its workers look for work ends", "[engine]") {
  for (int i = 0; i < 3000; ++i)
    ComputePool(3).for_each(4, 1, [](std::size_t, std::size_t, unsigned) {});
}

}  // namespace engram
