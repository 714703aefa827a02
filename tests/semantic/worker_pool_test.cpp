#include "indexer/semantic/worker_pool.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "indexer/semantic/worker_share.h"
#include "tests/semantic/sample_unit.h"
#include "tests/support/catch.h"

namespace engram {

namespace {

using namespace std::chrono_literals;

WorkerOptions fake_worker() {
  WorkerOptions options;
  options.program = ENGRAM_FAKE_WORKER;
  options.reply_time = 60s;
  return options;
}

UnitRequest order(const std::string& what) {
  UnitRequest request;
  request.arguments = {what, what + ".cpp"};
  return request;
}

UnitOutcome run(WorkerPool& pool, const UnitRequest& request) {
  std::promise<UnitOutcome> outcome;
  REQUIRE(pool.submit(request, [&](UnitOutcome o) { outcome.set_value(std::move(o)); }));
  return outcome.get_future().get();
}

UnitOutcome run(const std::string& what, WorkerOptions options = fake_worker()) {
  WorkerPool pool(std::move(options), 1);
  return run(pool, order(what));
}

bool has_ended(const std::string& pid) { return ::kill(std::stoi(pid), 0) != 0; }

bool is_stopped(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string number, name, state;  // the name has no spaces
  return file >> number >> name >> state && state == "T";
}

bool blocks(const std::string& pid, int signal) {
  std::ifstream file("/proc/" + pid + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("SigBlk:")) continue;
    return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1) != 0;
  }
  return false;
}

}  // namespace

TEST_CASE("worker_pool: a unit's facts arrive as the worker sent them", "[semantic]") {
  UnitFacts expected = sample_unit();
  expected.bodies_skipped = false;
  for (FileView& view : expected.views) view.told = ViewTold::kHere;
  const UnitOutcome outcome = run("answer");
  CHECK(outcome.end == UnitEnd::kIndexed);
  CHECK(outcome.facts == expected);
}

TEST_CASE("worker_pool: what ends or corrupts a worker costs that unit, with its reason",
          "[semantic]") {
  WorkerPool pool(fake_worker(), 1);
  const std::pair<const char*, const char*> cases[] = {
      {"crash", "engram-clang-worker crashed: Segmentation fault"},
      {"too-long", "it took more processor time than allowed"},
      {"exit", "engram-clang-worker ended with status 7"},
      {"half", "engram-clang-worker ended with status 0"},
      {"garbage", "a message between engram and engram-clang-worker is damaged"},
      {"lie", "a reply between engram and engram-clang-worker is damaged"},
      {"lie-elsewhere", "engram-clang-worker left out a header that nobody told"},
      {"huge", "a message of 4294967280 bytes, more than the 100663296 allowed"},
  };
  for (const auto& [what, reason] : cases) {
    INFO(what);
    const UnitOutcome outcome = run(pool, order(what));
    CHECK(outcome.end == UnitEnd::kQuarantined);
    CHECK(outcome.reason == reason);
    CHECK(run(pool, order("answer")).end == UnitEnd::kIndexed);
  }
}

TEST_CASE("worker_pool: a hanging worker is killed when its time is up", "[semantic]") {
  WorkerOptions options = fake_worker();
  options.reply_time = 50ms;
  const UnitOutcome outcome = run("hang", options);
  CHECK(outcome.end == UnitEnd::kQuarantined);
  CHECK(outcome.reason == "engram-clang-worker did not answer in time");
}

TEST_CASE("worker_pool: one that stands still while somebody waits has longer", "[semantic]") {
  WorkerOptions options = fake_worker();
  options.reply_time = 20ms;
  options.stoppable = true;
  const auto worker = WorkerProcess::start(options);
  REQUIRE(worker);
  const auto begun = std::chrono::steady_clock::now();
  const auto reply = (*worker)->ask(order("hang"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == Errc::kBusy);
  CHECK(std::chrono::steady_clock::now() - begun >= WorkerShare::kStretch * 20ms);
}

TEST_CASE("worker_pool: the second try leaves bodies out and says so", "[semantic]") {
  WorkerPool pool(fake_worker(), 1);
  const UnitOutcome outcome = run(pool, order("crash-on-bodies"));
  CHECK(outcome.end == UnitEnd::kBodiesSkipped);
  CHECK(outcome.facts.bodies_skipped);
  CHECK(outcome.reason == "engram-clang-worker crashed: Segmentation fault");
}

TEST_CASE("worker_pool: a unit there is nothing to parse of is not tried again", "[semantic]") {
  WorkerPool pool(fake_worker(), 1);
  const UnitOutcome outcome = run(pool, order("fail"));
  CHECK(outcome.end == UnitEnd::kFailed);
  CHECK(outcome.reason == "no such file");
}

TEST_CASE("worker_pool: without its program every unit fails and says what is missing",
          "[semantic]") {
  WorkerOptions options = fake_worker();
  options.program = "/nowhere/engram-clang-worker";
  const UnitOutcome outcome = run("answer", options);
  CHECK(outcome.end == UnitEnd::kFailed);
  CHECK(outcome.reason == "starting /nowhere/engram-clang-worker: No such file or directory");
}

TEST_CASE("worker_pool: shutting down ends a running worker and answers for every unit",
          "[semantic]") {
  std::atomic<int> cancelled = 0;
  std::string pid;
  {
    WorkerPool pool(fake_worker(), 1);
    pid = run(pool, order("pid")).reason;
    const auto count = [&](const UnitOutcome& o) { cancelled += o.end == UnitEnd::kCancelled; };
    for (int i = 0; i < 10; ++i) {
      REQUIRE(pool.submit(order("hang"), count));
    }
  }
  CHECK(cancelled == 10);
  CHECK(has_ended(pid));
}

TEST_CASE("worker_pool: a header is told once, by a unit that came back whole", "[semantic]") {
  HeaderClaims claims;
  WorkerPool pool(fake_worker(), 1, &claims);
  const auto told = [&](const std::string& what) {
    UnitRequest request = order(what);
    request.each_header_once = true;
    std::vector<ViewTold> all;
    for (const FileView& view : run(pool, request).facts.views) all.push_back(view.told);
    pool.wait_idle();  // claims are taken after the answer
    return all;
  };
  using Told = std::vector<ViewTold>;
  const Told here{ViewTold::kHere, ViewTold::kHere};
  CHECK(told("crash") == Told{});
  CHECK(told("crash-on-bodies") == here);
  CHECK(claims.size() == 0);
  CHECK(told("broken") == Told{ViewTold::kHereUnclaimed, ViewTold::kHere});
  CHECK(claims.size() == 1);
  CHECK(told("answer") == Told{ViewTold::kHere, ViewTold::kElsewhere});
  CHECK(claims.size() == 2);
  const Told elsewhere{ViewTold::kElsewhere, ViewTold::kElsewhere};
  CHECK(told("answer") == elsewhere);
  CHECK(told("crash") == Told{});  // the next worker starts with nothing and is sent all of it
  CHECK(told("answer") == elsewhere);
  for (const FileView& view : run(pool, order("answer")).facts.views) {
    CHECK(view.told == ViewTold::kHere);  // not asked for
  }
}

TEST_CASE("worker_pool: one worker serves many units and none outlives its slot's mistake",
          "[semantic]") {
  WorkerPool pool(fake_worker(), 1);
  const std::string first = run(pool, order("pid")).reason;
  CHECK(run(pool, order("pid")).reason == first);
  static_cast<void>(run(pool, order("garbage")));
  CHECK(has_ended(first));
  CHECK(run(pool, order("pid")).reason != first);
}

TEST_CASE("worker_pool: slots work beside each other", "[semantic]") {
  WorkerPool pool(fake_worker(), 2);
  std::promise<void> second_done;
  std::string both[2];
  // The first unit's slot waits for the second unit: only another slot can serve that.
  REQUIRE(pool.submit(order("pid"), [&](const UnitOutcome& o) {
    both[0] = o.reason;
    second_done.get_future().wait();
  }));
  REQUIRE(pool.submit(order("pid"), [&](const UnitOutcome& o) {
    both[1] = o.reason;
    second_done.set_value();
  }));
  pool.wait_idle();
  CHECK(both[0] != both[1]);
}

TEST_CASE("worker_pool: workers stand still while somebody waits, and then go on", "[semantic]") {
  std::atomic<bool> waits = false;
  WorkerCourtesy courtesy([&] { return waits.load(); });
  WorkerPool pool(fake_worker(), 1, nullptr, &courtesy);
  const std::string pid = run(pool, order("pid")).reason;
  const auto becomes = [&](bool stopped) {
    courtesy.changed();
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (is_stopped(pid) != stopped) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  };
  waits = true;
  CHECK(becomes(true));
  waits = false;
  CHECK(becomes(false));
  CHECK(run(pool, order("pid")).reason == pid);  // it lives, and is the same
}

TEST_CASE("worker_pool: what a worker forks goes on though it was stopped and continued meanwhile",
          "[semantic]") {
  WorkerPool pool(fake_worker(), 1);
  CHECK(blocks(run(pool, order("pid")).reason, SIGCONT));  // worker_process.cpp says why
}

TEST_CASE("worker_pool: a pool that ends while its workers stand still leaves none behind",
          "[semantic]") {
  WorkerCourtesy courtesy([] { return true; });
  std::string pid;
  {
    WorkerPool pool(fake_worker(), 1, nullptr, &courtesy);
    pid = run(pool, order("pid")).reason;  // its share is paid, so it is answered
  }
  CHECK(has_ended(pid));
}

TEST_CASE("worker_pool: slots over the limit take nothing", "[semantic]") {
  WorkerPool pool(fake_worker(), 2);
  pool.limit(1);
  std::promise<void> queued;
  std::vector<std::string> pids;
  const auto note = [&](const UnitOutcome& o) { pids.push_back(o.reason); };
  REQUIRE(pool.submit(order("pid"), [&](const UnitOutcome& o) {
    queued.get_future().wait();
    note(o);
  }));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(pool.submit(order("pid"), note));
  }
  queued.set_value();
  pool.wait_idle();
  REQUIRE(pids.size() == 4);
  CHECK(std::count(pids.begin(), pids.end(), pids[0]) == 4);
}

TEST_CASE("worker_slots: the number of workers follows cores and free memory", "[semantic]") {
  constexpr std::uint64_t kGigabyte = std::uint64_t{1} << 30;
  CHECK(worker_slots(0, 8, 64 * kGigabyte) == 8);
  CHECK(worker_slots(2, 8, 64 * kGigabyte) == 2);
  CHECK(worker_slots(0, 8, 4 * kGigabyte) == 2);
  CHECK(worker_slots(0, 8, kGigabyte / 2) == 1);
  // From unit to unit: what is free then decides.
  CHECK(worker_slots_from_now(4, 8, 3 * kGigabyte) == 5);
  CHECK(worker_slots_from_now(8, 8, 64 * kGigabyte) == 8);
  CHECK(worker_slots_from_now(4, 8, 2 * kGigabyte) == 4);
  CHECK(worker_slots_from_now(4, 8, kGigabyte / 2) == 3);
  CHECK(worker_slots_from_now(1, 8, kGigabyte / 2) == 1);
  CHECK(worker_slots_from_now(2, 8, 0) == 2);  // unknown
  CHECK(worker_slots(4, 8, kGigabyte / 2) == 1);
  CHECK(worker_slots(0, 0, 0) == 1);
  CHECK(memory_for_workers() > 0);
}

}  // namespace engram
