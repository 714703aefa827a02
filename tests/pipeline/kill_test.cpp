// kill -9 at any moment: the next run continues, and ends where an undisturbed one does.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/pipeline/workspace_fixture.h"

namespace engram {

namespace {

void write_sources(const Workspace& w, unsigned count, unsigned seed) {
  for (unsigned i = 0; i < count; ++i) {
    std::string text;
    for (unsigned j = 0; j < 5; ++j) text += sample_source(i * 10 + j, seed);
    w.write("d" + std::to_string(i % 7) + "/f" + std::to_string(i) + ".cpp", text);
  }
}

// Indexes in a child that dies by SIGKILL when it is about to look at its `files`-th file.
void index_and_die(const Workspace& w, int files) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::atomic<int> seen = 0;
    IndexOptions options;
    options.jobs = 2;
    options.may_proceed = [&] {
      if (++seen == files) ::kill(::getpid(), SIGKILL);
    };
    // Small commits, so that a kill finds some.
    options.first = {"d0/f0.cpp", "d1/f1.cpp", "d2/f2.cpp"};
    static_cast<void>(index_workspace(w.root(), w.store(), options));
    ::_exit(0);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}

}  // namespace

TEST_CASE("pipeline: killed at random files, the next run continues to the same facts",
          "[pipeline]") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  std::mt19937 random(seed);
  const Workspace w, clean;
  write_sources(w, 120, seed);
  write_sources(clean, 120, seed);
  w.age_all();
  clean.age_all();
  clean.index();
  for (int round = 0; round < 4; ++round) {
    index_and_die(w, 1 + static_cast<int>(random() % 100));
    // Whatever a reader finds now is whole: each file's facts are those of the clean run.
    const auto reader = CatalogueReader::open(w.store());
    if (!reader) continue;  // killed before the store was made
    const Snapshot full = snapshot_of(clean.store());
    for (const auto& [path, facts] : snapshot_of(w.store())) CHECK(facts == full.at(path));
  }
  w.index();
  CHECK(snapshot_of(w.store()) == snapshot_of(clean.store()));
}

TEST_CASE("pipeline: killed at random instants, the store is never half of anything",
          "[pipeline]") {
  std::mt19937 random(7);
  const Workspace w, clean;
  write_sources(w, 200, 7);
  write_sources(clean, 200, 7);
  clean.index();
  const Snapshot full = snapshot_of(clean.store());
  for (int round = 0; round < 8; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      static_cast<void>(index_workspace(w.root(), w.store(), {.jobs = 2}));
      ::_exit(0);
    }
    // The instant is the point here, not something waited for.
    const auto instant = std::chrono::microseconds(random() % 120'000);
    std::this_thread::sleep_for(instant);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (!CatalogueReader::open(w.store())) continue;
    for (const auto& [path, facts] : snapshot_of(w.store())) CHECK(facts == full.at(path));
  }
  w.index();
  CHECK(snapshot_of(w.store()) == full);
}

}  // namespace engram
