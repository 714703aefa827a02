// Order, pauses, stops and changes during a run.
#include <algorithm>
#include <atomic>
#include <mutex>

#include "tests/pipeline/workspace_fixture.h"

namespace engram {

namespace {

void write_many(const Workspace& w, unsigned count) {
  for (unsigned i = 0; i < count; ++i) w.write("f" + std::to_string(i) + ".cpp", sample_source(i));
}

}  // namespace

TEST_CASE("pipeline: the open file is queryable before the run has got far", "[pipeline]") {
  const Workspace w;
  write_many(w, 300);
  IndexOptions options;
  options.jobs = 1;
  options.first = {"f250.cpp"};
  std::atomic<int> files = 0;
  bool seen_early = false;
  // The worker waits at its 3rd file until the writer has committed the first: the writer is
  // asked for changes all the while.
  std::atomic<bool> committed = false;
  options.may_proceed = [&] {
    if (++files == 3) committed.wait(false);
  };
  options.take_changed = [&]() -> std::vector<std::string> {
    if (!committed && CatalogueReader::open(w.store()) && has_symbol(w.store(), "Counter250")) {
      seen_early = files <= 3;
      committed = true;
      committed.notify_all();
    }
    return {};
  };
  w.index(options);
  CHECK(seen_early);
}

TEST_CASE("pipeline: files saved during a run are taken in, deleted ones go", "[pipeline]") {
  const Workspace w;
  write_many(w, 60);
  IndexOptions options;
  options.jobs = 2;
  int calls = 0;
  options.take_changed = [&]() -> std::vector<std::string> {
    if (calls++ > 0) return {};
    w.write("f1.cpp", sample_source(1001));
    w.write("new.cpp", sample_source(1002));
    w.remove("f2.cpp");
    return {"f1.cpp", "new.cpp", "f2.cpp", "../outside"};
  };
  const IndexReport report = w.index(options);
  REQUIRE(calls > 0);
  CHECK(has_symbol(w.store(), "Counter1001"));
  CHECK(has_symbol(w.store(), "Counter1002"));
  CHECK_FALSE(has_symbol(w.store(), "Counter2"));
  CHECK(report.counts.files == 60);
}

TEST_CASE("pipeline: a directory deleted during a run takes its files along", "[pipeline]") {
  const Workspace w;
  write_many(w, 5);
  w.write("d/x/a.cpp", sample_source(1001));
  w.write("d/b.cpp", sample_source(1002));
  w.write("do.cpp", sample_source(1003));
  w.age_all();
  w.index();
  w.write("f0.cpp", sample_source(1004));
  IndexOptions options;
  int calls = 0;
  options.take_changed = [&]() -> std::vector<std::string> {
    if (calls++ > 0) return {};
    w.remove("d");
    return {"d"};
  };
  const IndexReport report = w.index(options);
  CHECK(report.files_removed == 2);
  CHECK_FALSE(has_symbol(w.store(), "Counter1001"));
  CHECK_FALSE(has_symbol(w.store(), "Counter1002"));
  CHECK(has_symbol(w.store(), "Counter1003"));
}

TEST_CASE("pipeline: a stopped run keeps what it did, and the next one goes on", "[pipeline]") {
  const Workspace w;
  write_many(w, 100);
  w.age_all();
  std::stop_source stop;
  IndexOptions options;
  options.jobs = 1;
  int files = 0;
  options.may_proceed = [&] {
    if (++files == 50) stop.request_stop();
  };
  const auto stopped = index_workspace(w.root(), w.store(), options, stop.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::kCancelled);
  const IndexReport rest = w.index();
  CHECK(rest.files_unchanged >= 1);
  CHECK(rest.files_unchanged + rest.files_parsed == 100);
  CHECK(rest.counts.files == 100);
}

TEST_CASE("pipeline: progress ends at its totals and never runs back", "[pipeline]") {
  const Workspace w;
  write_many(w, 50);
  IndexOptions options;
  IndexProgress last;
  bool forward = true;
  options.progress = [&](const IndexProgress& now) {
    forward = forward && now.files_done >= last.files_done && now.files_done <= now.files_total;
    last = now;
  };
  w.index(options);
  CHECK(forward);
  CHECK(last.files_done == 50);
  CHECK(last.files_total == 50);
  CHECK(last.bytes_done == last.bytes_total);
}

TEST_CASE("pipeline: one job or eight, the facts are the same", "[pipeline]") {
  const Workspace w;
  write_many(w, 80);
  w.index({.jobs = 1});
  const Snapshot one = snapshot_of(w.store());
  std::filesystem::remove_all(w.store());
  w.index({.jobs = 8, .background = true});
  CHECK(snapshot_of(w.store()) == one);
}

}  // namespace engram
