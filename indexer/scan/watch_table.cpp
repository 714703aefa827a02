#include "indexer/scan/watch_table.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>

#include "indexer/scan/workspace_file.h"

namespace engram {

namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

void WatchTable::add(const std::string& directory) {
  // Through a descriptor opened beneath the root: no link can make us watch another place.
  const char* name = directory.empty() ? "." : directory.c_str();
  const int fd = open_beneath(root_fd_, name, O_PATH | O_DIRECTORY);
  if (fd < 0) return;  // gone already
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  const int watch =
      ::inotify_add_watch(inotify_fd_, path.c_str(), kEvents | IN_ONLYDIR | IN_EXCL_UNLINK);
  if (watch < 0 && (errno == ENOSPC || errno == ENOMEM)) ++refused_;
  ::close(fd);
  if (watch < 0) return;
  // The same directory under another name: the old name is history.
  if (const auto old = by_watch_.find(watch); old != by_watch_.end()) by_path_.erase(old->second);
  by_watch_[watch] = directory;
  by_path_[directory] = watch;
}

void WatchTable::remove_below(std::string_view directory) {
  auto at = by_path_.lower_bound(directory);
  while (at != by_path_.end() && at->first.starts_with(directory)) {
    ::inotify_rm_watch(inotify_fd_, at->second);
    by_watch_.erase(at->second);
    at = by_path_.erase(at);
  }
}

void WatchTable::clear() {
  remove_below("");
  refused_ = 0;
}

void WatchTable::forget(int watch) {
  const auto at = by_watch_.find(watch);
  if (at == by_watch_.end()) return;
  if (const auto path = by_path_.find(at->second);
      path != by_path_.end() && path->second == watch) {
    by_path_.erase(path);
  }
  by_watch_.erase(at);
}

const std::string* WatchTable::find(int watch) const {
  const auto at = by_watch_.find(watch);
  return at == by_watch_.end() ? nullptr : &at->second;
}

}  // namespace engram
