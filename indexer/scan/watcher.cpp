#include "indexer/scan/watcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "core/executor.h"
#include "core/file_descriptor.h"
#include "core/log.h"
#include "indexer/scan/walk.h"
#include "indexer/scan/watch_table.h"
#include "indexer/scan/workspace_file.h"

namespace engram {

namespace {

using Clock = ChangeBatch::Clock;

bool changes_the_rules(std::string_view name) { return name == ".gitignore" || name == ".ignore"; }

int milliseconds_until(std::optional<Clock::time_point> when) {
  if (!when) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*when - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

class InotifyWatcher final : public Watcher {
 public:
  InotifyWatcher(WorkspaceRoot root, WatchOptions options,
                 std::function<void(const WatchBatch&)> on_change)
      : root_(std::move(root)),
        options_(std::move(options)),
        on_change_(std::move(on_change)),
        inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        table_(inotify_.get(), root_.fd()),
        batch_(options_.batch) {}

  ~InotifyWatcher() override {
    thread_.request_stop();
    const std::uint64_t one = 1;
    if (::write(wake_.get(), &one, sizeof one) < 0) log_error("cannot wake the file watcher");
    if (thread_.joinable()) thread_.join();
  }

  Result<void> begin() {
    if (inotify_.get() < 0 || wake_.get() < 0) {
      return Error{Errc::kIo, fmt::format("cannot watch '{}': {}", root_.path().string(),
                                          std::strerror(errno))};
    }
    ENGRAM_TRY_VOID(watch_everything());
    thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
    return {};
  }

  std::size_t watched_directories() const override { return watched_; }

  std::string problem() const override {
    const std::size_t refused = refused_;
    if (refused == 0) return {};
    return fmt::format(
        "the system refuses to watch {} directories: changes there are seen at the "
        "next full look; raise fs.inotify.max_user_watches",
        refused);
  }

 private:
  Result<void> watch_everything() {
    table_.clear();
    ScanResult ignored;
    WorkspaceWalk walk(root_, options_.scan, ignored);
    walk.on_directory = [&](const std::string& directory) { table_.add(directory); };
    ENGRAM_TRY_VOID(walk.run(std::stop_token()));
    if (ignored.is_git) watch_git_directory();
    publish_counts();
    return {};
  }

  // HEAD and the index lock; what is below stays unwatched.
  void watch_git_directory() { table_.add(".git/"); }

  void watch_below(const std::string& path) {
    ScanResult ignored;
    WorkspaceWalk walk(root_, options_.scan, ignored);
    walk.on_directory = [&](const std::string& directory) { table_.add(directory); };
    static_cast<void>(walk.run({path}, std::stop_token()));
    publish_counts();
  }

  void publish_counts() {
    watched_ = table_.size();
    refused_ = table_.refused();
  }

  void run(std::stop_token stop) {
    set_thread_name("watcher");
    while (!stop.stop_requested()) {
      std::array<pollfd, 2> fds = {pollfd{inotify_.get(), POLLIN, 0},
                                   pollfd{wake_.get(), POLLIN, 0}};
      const int ready = ::poll(fds.data(), fds.size(), milliseconds_until(batch_.due()));
      if (ready < 0 && errno != EINTR) return;
      if (stop.stop_requested()) return;
      if ((fds[0].revents & POLLIN) != 0) read_events();
      if (const auto batch = batch_.take_due(Clock::now())) on_change_(*batch);
    }
  }

  void read_events() {
    alignas(inotify_event) std::array<char, 64 << 10> buffer;
    while (true) {
      const ssize_t n = ::read(inotify_.get(), buffer.data(), buffer.size());
      if (n <= 0) return;
      for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(n);) {
        inotify_event event;
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* name = event.len > 0 ? buffer.data() + at + sizeof event : "";
        handle(event, name);
        at += sizeof event + event.len;
      }
    }
  }

  void handle(const inotify_event& event, std::string_view name) {
    const auto now = Clock::now();
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      // Directories may have come unseen: set all watches anew, then have everything looked at.
      if (!watch_everything()) log_warn("cannot watch '{}' any more", root_.path().string());
      return batch_.ask_rescan(now);
    }
    if ((event.mask & IN_IGNORED) != 0) return table_.forget(event.wd);
    const std::string* directory = table_.find(event.wd);
    if (directory == nullptr) return;
    if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
      if (directory->empty()) batch_.ask_rescan(now);  // the root itself; others: see the parent
      return;
    }
    if (*directory == ".git/") return handle_git(event.mask, name, now);
    const std::string path = *directory + std::string(name);
    if ((event.mask & IN_ISDIR) != 0) return handle_directory(event.mask, path, now);
    if (changes_the_rules(name)) return change_rules(now);
    batch_.add(path, now);
  }

  void handle_directory(std::uint32_t mask, const std::string& path, Clock::time_point now) {
    if (path == ".git") return batch_.ask_rescan(now);  // became, or ceased to be, a work tree
    if ((mask & IN_ATTRIB) != 0) return;
    if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) table_.remove_below(path + "/");
    // Watched before it is reported: what comes in between is seen by whoever looks.
    if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) watch_below(path);
    publish_counts();
    batch_.add(path, now);
  }

  void handle_git(std::uint32_t mask, std::string_view name, Clock::time_point now) {
    if (name == "index.lock") {
      batch_.set_git_busy((mask & (IN_DELETE | IN_MOVED_FROM)) == 0);
    } else if (name == "HEAD" && (mask & (IN_MOVED_TO | IN_CLOSE_WRITE)) != 0) {
      batch_.ask_rescan(now);
    }
  }

  void change_rules(Clock::time_point now) {
    static_cast<void>(watch_everything());
    batch_.ask_rescan(now);
  }

  WorkspaceRoot root_;
  WatchOptions options_;
  std::function<void(const WatchBatch&)> on_change_;
  FileDescriptor inotify_, wake_;
  WatchTable table_;   // the watcher thread's own once begin() has returned
  ChangeBatch batch_;  // likewise
  std::atomic<std::size_t> watched_ = 0, refused_ = 0;
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<Watcher>> Watcher::start(const std::filesystem::path& root,
                                                const WatchOptions& options,
                                                std::function<void(const WatchBatch&)> on_change) {
  ENGRAM_TRY(directory, WorkspaceRoot::open(root));
  auto watcher =
      std::make_unique<InotifyWatcher>(std::move(directory), options, std::move(on_change));
  ENGRAM_TRY_VOID(watcher->begin());
  return std::unique_ptr<Watcher>(std::move(watcher));
}

}  // namespace engram
