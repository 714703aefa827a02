// The watcher on a real file system. Tests wait on reports with a deadline, never for a time.
#include "indexer/scan/watcher.h"

#include <sys/stat.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>

#include "indexer/scan/walk.h"
#include "indexer/scan/workspace_file.h"
#include "tests/scan/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

// Gathers reports; waits until what is expected has come.
class Reports {
 public:
  void add(const WatchBatch& batch) {
    const std::lock_guard lock(mutex_);
    paths_.insert(batch.paths.begin(), batch.paths.end());
    rescans_ += batch.rescan ? 1 : 0;
    changed_.notify_all();
  }
  bool wait_for_path(const std::string& path) {
    return wait([&] { return paths_.contains(path); });
  }
  bool wait_for_rescan() {
    return wait([&] { return rescans_ > 0; });
  }
  bool has(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return paths_.contains(path);
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    paths_.clear();
    rescans_ = 0;
  }

 private:
  template <class Predicate>
  bool wait(Predicate predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), predicate);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> paths_;
  int rescans_ = 0;
};

std::unique_ptr<Watcher> watch(const fs::path& root, Reports& reports,
                               std::size_t max_paths = 2000) {
  WatchOptions options;
  options.batch = {.quiet = std::chrono::milliseconds(1),
                   .longest = std::chrono::milliseconds(50),
                   .max_paths = max_paths};
  auto watcher = Watcher::start(root, options, [&](const WatchBatch& b) { reports.add(b); });
  REQUIRE(watcher);
  return *std::move(watcher);
}

}  // namespace

TEST_CASE("watcher: writing, creating, renaming and deleting files is reported", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("a.c", "1");
  directory.write("d/b.c", "1");
  Reports reports;
  const auto watcher = watch(directory.path(), reports);
  CHECK(watcher->watched_directories() == 2);
  CHECK(watcher->problem().empty());
  directory.write("a.c", "2");
  CHECK(reports.wait_for_path("a.c"));
  directory.write("d/new.c", "1");
  CHECK(reports.wait_for_path("d/new.c"));
  fs::rename(directory.path() / "d/b.c", directory.path() / "d/c.c");
  CHECK(reports.wait_for_path("d/b.c"));
  CHECK(reports.wait_for_path("d/c.c"));
  reports.clear();
  fs::remove(directory.path() / "a.c");
  CHECK(reports.wait_for_path("a.c"));
}

TEST_CASE("watcher: new directories are watched, however deep, and renamed ones followed",
          "[scan]") {
  const TemporaryDirectory directory;
  Reports reports;
  const auto watcher = watch(directory.path(), reports);
  directory.write("x/y/z/deep.c", "1");
  CHECK(reports.wait_for_path("x"));
  // Whether the directories were made before or after the watch on "x" was set, they are watched
  // once "x" has been reported.
  reports.clear();
  directory.write("x/y/z/deep.c", "2");
  CHECK(reports.wait_for_path("x/y/z/deep.c"));
  fs::rename(directory.path() / "x/y", directory.path() / "w");
  CHECK(reports.wait_for_path("x/y"));
  CHECK(reports.wait_for_path("w"));
  reports.clear();
  directory.write("w/z/deep.c", "3");
  CHECK(reports.wait_for_path("w/z/deep.c"));
  CHECK_FALSE(reports.has("x/y/z/deep.c"));
  fs::remove_all(directory.path() / "w");
  CHECK(reports.wait_for_path("w"));
}

TEST_CASE("watcher: what comes into being while a directory's watch is set is found", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("x/a.c", "1");
  const auto root = WorkspaceRoot::open(directory.path());
  REQUIRE(root);
  ScanResult ignored;
  const ScanOptions options;
  WorkspaceWalk walk(*root, options, ignored);
  std::vector<std::string> entered;
  walk.on_directory = [&](const std::string& path) {
    if (path == "x/") directory.write("x/y/z/deep.c", "1");
    entered.push_back(path);
  };
  REQUIRE(walk.run(std::stop_token()));
  CHECK(entered == std::vector<std::string>{"", "x/", "x/y/", "x/y/z/"});
}

TEST_CASE("watcher: ignored and built directories are not watched", "[scan]") {
  const TemporaryDirectory directory;
  directory.write(".gitignore", "build/\n");
  directory.write("build/o.o", "1");
  directory.write("node_modules/x/i.js", "1");
  directory.write("src/a.c", "1");
  Reports reports;
  const auto watcher = watch(directory.path(), reports);
  CHECK(watcher->watched_directories() == 2);  // the root and src
  directory.write("build/o.o", "2");
  directory.write("src/a.c", "2");
  CHECK(reports.wait_for_path("src/a.c"));
  CHECK_FALSE(reports.has("build/o.o"));
}

TEST_CASE("watcher: changed ignore rules ask for a full look, and are obeyed", "[scan]") {
  const TemporaryDirectory directory;
  directory.write(".gitignore", "gen/\n");
  directory.write("gen/g.c", "1");
  Reports reports;
  const auto watcher = watch(directory.path(), reports);
  directory.write(".gitignore", "# nothing\n");
  CHECK(reports.wait_for_rescan());
  directory.write("gen/g.c", "2");
  CHECK(reports.wait_for_path("gen/g.c"));
}

TEST_CASE("watcher: a change of branch asks for a full look", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  directory.write("a.c", "1");
  Reports reports;
  const auto watcher = watch(directory.path(), reports);
  directory.write(".git/HEAD", "ref: refs/heads/other\n");
  CHECK(reports.wait_for_rescan());
}

TEST_CASE("watcher: too many changes at once ask for a full look", "[scan]") {
  const TemporaryDirectory directory;
  Reports reports;
  const auto watcher = watch(directory.path(), reports, 10);
  for (int i = 0; i < 200; ++i) directory.write("f" + std::to_string(i), "1");
  CHECK(reports.wait_for_rescan());
}

TEST_CASE("watcher: more events than the kernel keeps ask for a full look", "[scan]") {
  std::size_t limit = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
  if (limit == 0 || limit > 100'000) SKIP("the kernel's queue is too long to fill");
  const TemporaryDirectory directory;
  std::mutex gate;  // held: the watcher's thread is inside on_change and reads no events
  std::condition_variable opened;
  bool open = false, entered = false;
  Reports reports;
  WatchOptions options;
  options.batch = {.quiet = std::chrono::milliseconds(0),
                   .longest = std::chrono::milliseconds(1),
                   .max_paths = 1'000'000};
  const auto watcher = Watcher::start(directory.path(), options, [&](const WatchBatch& batch) {
    std::unique_lock lock(gate);
    entered = true;
    opened.notify_all();
    opened.wait(lock, [&] { return open; });
    lock.unlock();
    reports.add(batch);
  });
  REQUIRE(watcher);
  directory.write("first", "1");
  {
    std::unique_lock lock(gate);
    REQUIRE(opened.wait_for(lock, std::chrono::seconds(20), [&] { return entered; }));
  }
  directory.write("a", "1");
  directory.write("b", "1");
  const std::string names[] = {directory.path() / "a", directory.path() / "b"};
  // Changes of mode touch no data; names alternate, so that no two events in a row are merged.
  for (std::size_t i = 0; i < limit; ++i) {
    REQUIRE(::chmod(names[i % 2].c_str(), i % 4 < 2 ? 0600 : 0644) == 0);
  }
  {
    const std::lock_guard lock(gate);
    open = true;
  }
  opened.notify_all();
  CHECK(reports.wait_for_rescan());
  reports.clear();
  directory.write("after.c", "1");
  CHECK(reports.wait_for_path("after.c"));
}

TEST_CASE("watcher: a root that is not there is an error, a stopped one is silent", "[scan]") {
  const TemporaryDirectory directory;
  CHECK_FALSE(Watcher::start(directory.path() / "none", {}, [](const WatchBatch&) {}));
  Reports reports;
  watch(directory.path(), reports).reset();
  directory.write("a.c", "1");
  CHECK_FALSE(reports.has("a.c"));
}

}  // namespace engram
