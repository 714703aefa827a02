// indexer/scan/change_batch.h: changes gathered until things are quiet.
//
// A save is several events, a checkout thousands. A batch is due when nothing happened for
// `quiet`, or `longest` after its first change, whichever comes first; while git holds its index
// lock only `longest` counts. More than `max_paths` are not worth naming: rescan.
//
// Threads: confined to one thread. Time comes in as an argument.  Errors: none.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace engram {

struct WatchBatch {
  std::vector<std::string> paths;  // sorted, workspace-relative: files, and directories that came
                                   // or went
  bool rescan = false;             // events were lost, rules or the branch changed: look at all
};

class ChangeBatch {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    std::chrono::milliseconds quiet{30};
    std::chrono::milliseconds longest{1000};
    std::size_t max_paths = 2000;
  };

  explicit ChangeBatch(Options options) : options_(options) {}

  void add(std::string path, Clock::time_point now);
  void ask_rescan(Clock::time_point now);
  void set_git_busy(bool busy) { git_busy_ = busy; }

  // When to look again; nullopt: nothing waits.
  std::optional<Clock::time_point> due() const;
  std::optional<WatchBatch> take_due(Clock::time_point now);

 private:
  void note(Clock::time_point now);

  Options options_;
  std::set<std::string> paths_;
  bool rescan_ = false;
  bool git_busy_ = false;
  std::optional<Clock::time_point> first_;
  Clock::time_point last_{};
};

}  // namespace engram
