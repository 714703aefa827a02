// lsp/index_service.h: keeps the store up to date in the background.
//
// One run at a time on the indexing thread: the whole workspace at start (the open file first),
// then the files that were saved or reported changed. During a run over the whole workspace they go
// to that run (take_changed), during another they wait; very many mean a scan. When another process
// holds the store, its work is used and the lease is asked for again later.
//
// Threads: confined to the io thread; runs report back by posting to it. A run may outlive the
// service: its report is then dropped.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/executor.h"
#include "lsp/assistant.h"
#include "lsp/completion_gate.h"
#include "lsp/timers.h"

namespace engram::lsp {

class IndexService {
 public:
  static constexpr auto kGather = std::chrono::milliseconds(100);  // changes that come together
  static constexpr auto kRetryLease = std::chrono::seconds(10);    // another process indexes
  static constexpr std::size_t kManyFiles = 200;                   // scan rather than list

  struct Dependencies {
    Executor& io;
    Executor& worker;
    Timers& timers;
    CompletionGate& gate;
    Assistant& assistant;
  };
  struct Events {  // called on the io thread
    std::function<void(bool whole_workspace)> started;
    std::function<void(const IndexProgress&)> progress;
    std::function<void(const Result<IndexReport>&, bool whole_workspace)> finished;
  };
  IndexService(Dependencies dependencies, Events events);
  ~IndexService();

  void start(std::filesystem::path root, std::filesystem::path store, ScanOptions scan,
             std::vector<std::string> first);
  void file_saved(const std::string& path);                   // workspace-relative
  void files_changed(const std::vector<std::string>& paths);  // by others; gathered; "": anything
  void rescan();
  void cancel();     // what runs now; later changes index again
  void shut_down();  // for good

 private:
  struct ChangedPaths;  // the mailbox of take_changed
  struct Run;

  void note(const std::string& path);
  void run_next();
  void launch(bool whole, std::vector<std::string> paths);
  void finish(bool whole, const std::vector<std::string>& paths, const Result<IndexReport>& report);
  IndexOptions options_for_run();

  Dependencies deps_;
  Events events_;
  std::filesystem::path root_, store_;
  ScanOptions scan_;
  std::vector<std::string> first_;
  bool started_ = false;
  bool running_ = false;
  bool whole_pending_ = false;
  std::set<std::string> pending_;
  std::shared_ptr<ChangedPaths> changed_;  // of the run over the workspace, else null
  TimerId gather_ = 0, retry_ = 0;
  std::stop_source stop_;
  std::shared_ptr<IndexService*> self_;  // null inside once destroyed
};

}  // namespace engram::lsp
