// indexer/index_run.h: one run over a plan: worker threads index files, this thread writes them.
//
//   plan ──► next item ──► workers (FileIndexer) ──► outcomes, bounded ──► store, commits
//                ▲                                                            │
//                └──────────── urgent: take_changed() ◄───────────────────────┘
//
// Outcomes waiting for the writer are bounded in bytes and number; a worker that finds them full
// waits. Large files are parsed one at a time: a syntax tree is some thirty times its text.
//
// Threads: run() on one thread; starts and joins its own.  Errors: those of CatalogueWriter;
// kCancelled.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/sync.h"
#include "indexer/file_indexer.h"
#include "indexer/pipeline.h"
#include "indexer/work_plan.h"
#include "memory/catalogue.h"

namespace engram {

class IndexRun {
 public:
  // REQUIRES: all references outlive the run. `fresh`: the store held nothing before.
  IndexRun(const WorkspaceRoot& root, const LicenceMap& licences, CatalogueWriter& writer,
           const IndexOptions& options, bool fresh);

  Result<void> run(WorkPlan plan, std::stop_token stop);

  // What happened, for the report.
  std::uint64_t parsed = 0, relinked = 0, removed = 0, bytes_parsed = 0;
  std::vector<SkippedFile> listed;
  std::set<std::string> looked_at_again;  // paths of take_changed()

 private:
  using Clock = std::chrono::steady_clock;

  void work(std::stop_token stop);
  struct Assigned {
    WorkItem item;
    std::uint64_t number = 0;  // in order of handing out
  };
  std::optional<Assigned> next_item();
  FileOutcome index_item(const WorkItem& item, std::stop_token stop);
  void deliver(FileOutcome outcome);
  std::optional<FileOutcome> await_outcome(Clock::time_point until);
  void shut_down();

  Result<void> write_all(std::stop_token stop);
  Result<void> apply_plan(const WorkPlan& plan);
  Result<void> apply(FileOutcome& outcome);
  Result<void> commit_if_due();
  Result<void> commit();
  bool all_done();
  // Asks for changed files, if that was `pause` or longer ago.
  Result<void> add_changed(std::stop_token stop, Clock::duration pause);
  Result<void> remove_missing(const std::vector<std::string>& paths,
                              const std::vector<FileEntry>& present);
  bool is_known(const Sha256& content, std::string_view language);
  void report_progress(const std::string& current, bool always);

  const WorkspaceRoot& root_;
  const IndexOptions& options_;
  const bool fresh_;
  FileIndexer indexer_;

  Mutex store_mutex_;  // has_content is asked by workers, between the writer's statements
  CatalogueWriter& writer_ ENGRAM_GUARDED_BY(store_mutex_);
  std::set<std::pair<Sha256, std::string>> written_ ENGRAM_GUARDED_BY(store_mutex_);

  Mutex large_file_mutex_;  // held while a large file is parsed

  Mutex mutex_;
  ConditionVariable outcome_ready_, room_, work_ready_;
  std::deque<WorkItem> urgent_ ENGRAM_GUARDED_BY(mutex_);
  std::vector<WorkItem> work_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t next_ ENGRAM_GUARDED_BY(mutex_) = 0;
  std::deque<FileOutcome> outcomes_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t outcome_bytes_ ENGRAM_GUARDED_BY(mutex_) = 0;
  std::uint64_t assigned_ ENGRAM_GUARDED_BY(mutex_) = 0;
  std::size_t in_flight_ ENGRAM_GUARDED_BY(mutex_) = 0;  // handed to a worker, not yet applied
  bool closed_ ENGRAM_GUARDED_BY(mutex_) = false;

  // The writer thread's own.
  IndexProgress progress_;
  std::set<std::string> urgent_paths_;  // of `first` and take_changed(): commit when all are done
  // Of paths looked at again: the newest outcome written, so that an older one cannot follow it.
  std::map<std::string, std::uint64_t> newest_;
  std::uint64_t uncommitted_bytes_ = 0;
  Clock::time_point last_commit_, last_progress_, last_change_check_;
};

}  // namespace engram
