#include "indexer/index_run.h"

#include <malloc.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "core/executor.h"
#include "core/path.h"

namespace engram {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxOutcomes = 64;
constexpr std::size_t kMaxOutcomeBytes = 16u << 20;
constexpr std::uint64_t kLargeFileBytes = 512u << 10;
constexpr std::uint64_t kCommitBytes = 24u << 20;
constexpr auto kCommitInterval = milliseconds(1500);
constexpr auto kProgressInterval = milliseconds(100);
constexpr auto kChangeCheckInterval = milliseconds(20);

// Syntax trees come and go in millions of small pieces; the heap keeps their pages. Given back
// when it keeps many, or the peak is that of the largest file for ever after.
constexpr std::size_t kMaxIdleHeapBytes = 32u << 20;

void give_idle_heap_back() {
  if (::mallinfo2().fordblks > kMaxIdleHeapBytes) ::malloc_trim(0);
}

unsigned job_count(unsigned asked) {
  if (asked > 0) return std::min(asked, 256u);
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

IndexRun::IndexRun(const WorkspaceRoot& root, const LicenceMap& licences, CatalogueWriter& writer,
                   const IndexOptions& options, bool fresh)
    : root_(root),
      options_(options),
      fresh_(fresh),
      indexer_(root, licences, options.scan.max_file_bytes, options.limits,
               [this](const Sha256& content, std::string_view language) {
                 return is_known(content, language);
               }),
      writer_(writer) {}

bool IndexRun::is_known(const Sha256& content, std::string_view language) {
  MutexLock lock(store_mutex_);
  if (fresh_) return written_.contains({content, std::string(language)});
  const auto known = writer_.has_content(content, language);
  return known && *known;
}

Result<void> IndexRun::run(WorkPlan plan, std::stop_token stop) {
  last_commit_ = last_progress_ = last_change_check_ = Clock::now();
  ENGRAM_TRY_VOID(apply_plan(plan));
  progress_.files_total = plan.work.size();
  progress_.bytes_total = plan.bytes;
  const std::set<std::string> first(options_.first.begin(), options_.first.end());
  for (const WorkItem& item : plan.work) {
    if (first.contains(item.entry.path)) urgent_paths_.insert(item.entry.path);
  }
  const std::size_t files = plan.work.size();
  {
    MutexLock lock(mutex_);
    work_ = std::move(plan.work);
  }
  Result<void> result;
  {
    const auto threads =
        std::max<std::size_t>(1, std::min<std::size_t>(job_count(options_.jobs), files));
    ThreadPool pool({.name = "index",
                     .threads = threads,
                     .max_queued = threads,
                     .background = options_.background});
    for (std::size_t i = 0; i < threads; ++i) pool.post([this, stop] { work(stop); });
    result = write_all(stop);
    shut_down();
  }
  if (!result) {
    // What was written since the last commit is worth keeping after a stop, not after a failure.
    if (result.error().code == Errc::kCancelled) ENGRAM_TRY_VOID(commit());
    return result;
  }
  ENGRAM_TRY_VOID(commit());
  report_progress("", true);
  return {};
}

Result<void> IndexRun::apply_plan(const WorkPlan& plan) {
  MutexLock lock(store_mutex_);
  for (const std::string& path : plan.removed) ENGRAM_TRY_VOID(writer_.remove_file(path));
  for (const FileEntry& entry : plan.touched) ENGRAM_TRY_VOID(writer_.touch_file(entry));
  removed += plan.removed.size();
  return {};
}

// ---- worker threads ----

void IndexRun::work(std::stop_token stop) {
  while (auto assigned = next_item()) {
    if (options_.may_proceed) options_.may_proceed();
    FileOutcome outcome = index_item(assigned->item, stop);
    outcome.number = assigned->number;
    deliver(std::move(outcome));
  }
}

std::optional<IndexRun::Assigned> IndexRun::next_item() {
  MutexLock lock(mutex_);
  while (!closed_ && urgent_.empty() && next_ == work_.size()) work_ready_.wait(mutex_);
  if (closed_) return std::nullopt;
  ++in_flight_;
  ++assigned_;
  if (!urgent_.empty()) {
    WorkItem item = std::move(urgent_.front());
    urgent_.pop_front();
    return Assigned{std::move(item), assigned_};
  }
  return Assigned{std::move(work_[next_++]), assigned_};
}

FileOutcome IndexRun::index_item(const WorkItem& item, std::stop_token stop) {
  if (item.entry.size < kLargeFileBytes) return indexer_.index_file(item, std::move(stop));
  MutexLock lock(large_file_mutex_);
  FileOutcome outcome = indexer_.index_file(item, std::move(stop));
  give_idle_heap_back();
  return outcome;
}

void IndexRun::deliver(FileOutcome outcome) {
  {
    MutexLock lock(mutex_);
    while (!closed_ && !outcomes_.empty() &&
           (outcomes_.size() >= kMaxOutcomes || outcome_bytes_ >= kMaxOutcomeBytes)) {
      room_.wait(mutex_);
    }
    outcome_bytes_ += outcome.memory();
    outcomes_.push_back(std::move(outcome));
  }
  outcome_ready_.notify_one();
}

void IndexRun::shut_down() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  work_ready_.notify_all();
  room_.notify_all();
}

// ---- the writer, on the caller's thread ----

std::optional<FileOutcome> IndexRun::await_outcome(Clock::time_point until) {
  std::optional<FileOutcome> outcome;
  {
    MutexLock lock(mutex_);
    while (outcomes_.empty()) {
      if (outcome_ready_.wait_until(mutex_, until) == std::cv_status::timeout) break;
    }
    if (outcomes_.empty()) return std::nullopt;
    outcome = std::move(outcomes_.front());
    outcomes_.pop_front();
    outcome_bytes_ -= outcome->memory();
    --in_flight_;
  }
  room_.notify_one();
  return outcome;
}

Result<void> IndexRun::write_all(std::stop_token stop) {
  while (true) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "indexing was stopped"};
    ENGRAM_TRY_VOID(add_changed(stop, kChangeCheckInterval));
    if (all_done()) {
      // Asked once more, however short the run was: nothing saved meanwhile is left behind.
      ENGRAM_TRY_VOID(add_changed(stop, {}));
      if (all_done()) return {};
    }
    auto outcome = await_outcome(Clock::now() + kChangeCheckInterval);
    if (outcome) {
      ENGRAM_TRY_VOID(apply(*outcome));
      report_progress(outcome->entry.path, false);
    }
    ENGRAM_TRY_VOID(commit_if_due());
  }
}

bool IndexRun::all_done() {
  MutexLock lock(mutex_);
  return urgent_.empty() && next_ == work_.size() && in_flight_ == 0;
}

Result<void> IndexRun::apply(FileOutcome& outcome) {
  using Kind = FileOutcome::Kind;
  const FileEntry& entry = outcome.entry;
  ++progress_.files_done;
  progress_.bytes_done += outcome.scanned_bytes;
  if (const auto newest = newest_.find(entry.path); newest != newest_.end()) {
    if (outcome.number < newest->second) return {};
    newest->second = outcome.number;
  }
  {
    MutexLock lock(store_mutex_);
    switch (outcome.kind) {
      case Kind::kParsed:
        ENGRAM_TRY_VOID(writer_.put_prepared(entry, outcome.content, outcome.prepared));
        if (fresh_) written_.emplace(outcome.content, entry.language);
        ++parsed;
        bytes_parsed += entry.size;
        break;
      case Kind::kKnown:
        ENGRAM_TRY_VOID(writer_.link_file(entry, outcome.content));
        ++relinked;
        break;
      case Kind::kSame:
        ENGRAM_TRY_VOID(writer_.touch_file(entry));
        ++relinked;
        break;
      case Kind::kLeftOut:
      case Kind::kGone:
        ENGRAM_TRY_VOID(writer_.remove_file(entry.path));
        break;
      case Kind::kCancelled:
        return Error{Errc::kCancelled, "indexing was stopped"};
    }
  }
  if (outcome.listed) listed.push_back(std::move(*outcome.listed));
  uncommitted_bytes_ += outcome.memory();
  // The last of the urgent files: somebody waits for them.
  if (urgent_paths_.erase(entry.path) > 0 && urgent_paths_.empty()) return commit();
  return {};
}

Result<void> IndexRun::commit_if_due() {
  if (uncommitted_bytes_ == 0) return {};
  if (uncommitted_bytes_ < kCommitBytes && Clock::now() - last_commit_ < kCommitInterval) return {};
  return commit();
}

Result<void> IndexRun::commit() {
  MutexLock lock(store_mutex_);
  ENGRAM_TRY_VOID(writer_.commit());
  uncommitted_bytes_ = 0;
  last_commit_ = Clock::now();
  give_idle_heap_back();
  return {};
}

// Files saved while the run goes on: judged, and put before everything else.
Result<void> IndexRun::add_changed(std::stop_token stop, Clock::duration pause) {
  if (!options_.take_changed) return {};
  const auto now = Clock::now();
  if (now - last_change_check_ < pause) return {};
  last_change_check_ = now;
  std::vector<std::string> paths = options_.take_changed();
  std::erase_if(paths, [](const std::string& path) { return !is_safe_relative_path(path); });
  if (paths.empty()) return {};
  auto scan = scan_paths(root_.path(), paths, options_.scan, stop);
  if (!scan) return scan.error();
  ENGRAM_TRY_VOID(remove_missing(paths, scan->files));
  looked_at_again.insert(paths.begin(), paths.end());
  listed.insert(listed.end(), scan->skipped.begin(), scan->skipped.end());
  {
    MutexLock lock(mutex_);
    for (FileEntry& entry : scan->files) {
      urgent_paths_.insert(entry.path);
      newest_.try_emplace(entry.path, 0);
      ++progress_.files_total;
      progress_.bytes_total += entry.size;
      urgent_.push_back({std::move(entry), std::nullopt});
    }
  }
  work_ready_.notify_all();
  return {};
}

// Of the paths, those that are gone or unwanted now, with all that was stored below them.
Result<void> IndexRun::remove_missing(const std::vector<std::string>& paths,
                                      const std::vector<FileEntry>& present) {
  std::vector<std::string> missing;
  for (const std::string& path : paths) {
    const bool there = std::ranges::any_of(present, [&](const FileEntry& entry) {
      return entry.path == path || lies_in(entry.path, path);
    });
    if (!there) missing.push_back(path);
  }
  if (missing.empty()) return {};
  std::uint64_t handed_out = 0;
  {
    MutexLock lock(mutex_);
    handed_out = assigned_;
  }
  // What a worker read before must not bring a file back.
  for (const std::string& path : missing) newest_[path] = handed_out + 1;
  MutexLock lock(store_mutex_);
  ENGRAM_TRY(stored, writer_.files());
  for (const IndexedFile& file : stored) {
    const std::string& path = file.entry.path;
    const bool gone = std::ranges::any_of(
        missing, [&](const std::string& m) { return m == path || lies_in(path, m); });
    if (!gone) continue;
    newest_[path] = handed_out + 1;
    ENGRAM_TRY_VOID(writer_.remove_file(path));
    ++removed;
  }
  return {};
}

void IndexRun::report_progress(const std::string& current, bool always) {
  if (!options_.progress) return;
  const auto now = Clock::now();
  if (!always && now - last_progress_ < kProgressInterval) return;
  last_progress_ = now;
  progress_.current = current;
  options_.progress(progress_);
}

}  // namespace engram
