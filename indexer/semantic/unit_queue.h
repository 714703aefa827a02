// indexer/semantic/unit_queue.h: the translation units that wait, those of the open files first.
//
// First the units of open files; then those that include an open header, the nearest first; then
// those that share a header with an open source, the rarest header first; then the rest as given.
// Which files are open is asked before each unit, so that a file opened in the middle of a run does
// not wait for it. Inclusions are those of include_graph.h, read when they are first needed.
//
// Threads: thread-safe.  Errors: none.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/sync.h"
#include "indexer/commands/compile_command.h"
#include "indexer/semantic/include_graph.h"
#include "indexer/semantic/shared_prefixes.h"

namespace engram {

// Absolute paths, the most important first. Called on any thread.
using OpenFiles = std::function<std::vector<std::string>()>;

class UnitQueue {
 public:
  // `root`: the workspace. `open_files` may be empty.
  UnitQueue(std::vector<CompileCommand> units, std::string root, OpenFiles open_files = {});

  std::size_t size() const { return units_.size(); }
  // The next one, which then waits no longer; nullptr: there is none. It lives as long as the
  // queue.
  const CompileCommand* take();
  // The system headers that one taken shares with others; empty for those of open files.
  std::vector<std::vector<std::string>> prefix_of(const CompileCommand& taken) const;

 private:
  struct Rank {
    int tier = 3;
    std::uint32_t within = 0;
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  void rank_again() ENGRAM_REQUIRES(mutex_);
  void follow_open_files() ENGRAM_REQUIRES(mutex_);
  void rank_by_inclusions() ENGRAM_REQUIRES(mutex_);
  bool read_inclusions() ENGRAM_REQUIRES(mutex_);  // some more of them; whether that is all
  void sort_waiting() ENGRAM_REQUIRES(mutex_);
  void improve(std::uint32_t unit, Rank rank) ENGRAM_REQUIRES(mutex_);

  const std::vector<CompileCommand> units_;
  const std::string root_;
  const OpenFiles open_files_;
  mutable Mutex mutex_;
  std::vector<std::string> open_ ENGRAM_GUARDED_BY(mutex_);  // that order_ was made for
  bool includes_known_ ENGRAM_GUARDED_BY(mutex_) = false;    // in order_
  std::vector<Rank> ranks_ ENGRAM_GUARDED_BY(mutex_);
  std::vector<bool> taken_ ENGRAM_GUARDED_BY(mutex_);
  std::vector<std::uint32_t> order_ ENGRAM_GUARDED_BY(mutex_);  // what waits, the next one last
  std::unique_ptr<IncludeGraph> graph_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t read_ ENGRAM_GUARDED_BY(mutex_) = 0;  // units that graph_ has
  std::vector<HeadersOfUnit> headers_
      ENGRAM_GUARDED_BY(mutex_);  // theirs, until prefixes_ is there
  SharedPrefixes prefixes_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
