// lsp/semantic_service.h: has Clang read the workspace's translation units in the background.
//
// One run at a time on a thread of its own, beside the syntax tier: while that reads the workspace
// for the first time only open files are read by Clang (kOpenFiles), then all (kAll). What is saved
// or changed leads to another run, which parses what has become stale; a compile database that
// appears or changes is noticed within kLook. Workers stand still while a completion runs
// (indexer/semantic/worker_share.h). When another process holds the store, the lease is asked for
// again later.
//
// Threads: confined to the io thread; runs report back by posting to it. A run may outlive the
// service: its report is then dropped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/executor.h"
#include "lsp/assistant.h"
#include "lsp/completion_gate.h"
#include "lsp/timers.h"

namespace engram::lsp {

class SemanticService {
 public:
  static constexpr auto kLook = std::chrono::seconds(5);         // for another compile database
  static constexpr auto kRetryLease = std::chrono::seconds(10);  // another process indexes

  struct Dependencies {
    Executor& io;
    Executor& worker;
    Timers& timers;
    CompletionGate& gate;
    Assistant& assistant;
  };
  struct Events {  // called on the io thread
    std::function<void(const SemanticProgress&)> progress;
    std::function<void(const Result<SemanticIndexReport>&)> finished;  // of a run over all
    std::function<void()> commands_changed;                            // noticed by kLook
  };
  SemanticService(Dependencies dependencies, Events events);
  ~SemanticService();

  // Begins with the open files; the rest waits for workspace_indexed().
  void start(SemanticWork work);
  void set_open(std::vector<std::string> files);  // absolute, the most important first
  void workspace_indexed();                       // the syntax tier has read it all
  void files_changed();                           // saved, or changed by others
  void cancel();                                  // what runs now; later changes index again
  void shut_down();                               // for good

 private:
  enum class Extent : unsigned char { kOpenFiles, kAll };
  struct OpenList;  // what a run asks for
  struct Run;

  void want(Extent extent);
  void run_next();
  void launch(Extent extent);
  void finish(Extent extent, const Result<SemanticIndexReport>& report);
  void look_later();
  void commands_changed();
  SemanticIndexOptions options_for(Extent extent);

  Dependencies deps_;
  Events events_;
  SemanticWork work_;
  bool started_ = false, workspace_indexed_ = false;
  std::optional<Extent> running_, wanted_;
  TimerId retry_ = 0, look_ = 0;
  std::stop_source stop_;
  std::shared_ptr<WorkerCourtesy> courtesy_;
  std::shared_ptr<OpenList> open_;
  std::shared_ptr<SemanticService*> self_;  // null inside once destroyed
};

}  // namespace engram::lsp
