// indexer/scan/watch_table.h: which inotify watch stands for which directory.
//
// A watch follows its directory when that is renamed, so a moved directory's watches are dropped
// and set anew under the new name. Paths are workspace-relative: "" or "a/b/".
//
// Threads: confined to one thread.  Errors: none; a refused watch is counted.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace engram {

class WatchTable {
 public:
  WatchTable(int inotify_fd, int root_fd) : inotify_fd_(inotify_fd), root_fd_(root_fd) {}

  void add(const std::string& directory);
  void remove_below(std::string_view directory);  // and itself
  void clear();
  void forget(int watch);  // the kernel dropped it

  const std::string* find(int watch) const;  // null: a stale event
  std::size_t size() const { return by_watch_.size(); }
  std::size_t refused() const { return refused_; }

 private:
  int inotify_fd_;
  int root_fd_;
  std::unordered_map<int, std::string> by_watch_;
  std::map<std::string, int, std::less<>> by_path_;
  std::size_t refused_ = 0;
};

}  // namespace engram
