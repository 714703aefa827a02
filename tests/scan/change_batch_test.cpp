#include "indexer/scan/change_batch.h"

#include "tests/support/catch.h"

namespace engram {

using std::chrono::milliseconds;

namespace {

constexpr ChangeBatch::Options kOptions{
    .quiet = milliseconds(30), .longest = milliseconds(100), .max_paths = 3};
const ChangeBatch::Clock::time_point kStart{};

auto at(int ms) { return kStart + milliseconds(ms); }

}  // namespace

TEST_CASE("change_batch: a batch is due once things are quiet, each path once", "[scan]") {
  ChangeBatch batch(kOptions);
  CHECK_FALSE(batch.due());
  batch.add("b", at(0));
  batch.add("a", at(10));
  batch.add("b", at(20));
  CHECK_FALSE(batch.take_due(at(49)));
  const auto taken = batch.take_due(at(50));
  REQUIRE(taken);
  CHECK(taken->paths == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(taken->rescan);
  CHECK_FALSE(batch.due());
}

TEST_CASE("change_batch: a stream of changes is reported in spite of itself", "[scan]") {
  ChangeBatch batch(kOptions);
  for (int ms = 0; ms < 100; ms += 10) {
    batch.add("log", at(ms));
    CHECK_FALSE(batch.take_due(at(ms)));
  }
  CHECK(batch.take_due(at(100)));
}

TEST_CASE("change_batch: git's lock delays the report, not for ever", "[scan]") {
  ChangeBatch batch(kOptions);
  batch.set_git_busy(true);
  batch.add("a", at(0));
  CHECK_FALSE(batch.take_due(at(60)));
  SECTION("until it is released") {
    batch.set_git_busy(false);
    CHECK(batch.take_due(at(60)));
  }
  SECTION("or the patience is over") { CHECK(batch.take_due(at(100))); }
}

TEST_CASE("change_batch: too many paths are a rescan", "[scan]") {
  ChangeBatch batch(kOptions);
  for (const char* path : {"a", "b", "c", "d", "e"}) batch.add(path, at(0));
  const auto taken = batch.take_due(at(30));
  REQUIRE(taken);
  CHECK(taken->rescan);
  CHECK(taken->paths.empty());
  batch.add("f", at(40));
  CHECK_FALSE(batch.take_due(at(70))->rescan);
}

}  // namespace engram
