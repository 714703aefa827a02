#include "lsp/index_service.h"

#include <algorithm>
#include <utility>

#include "core/sync.h"

namespace engram::lsp {

namespace {
constexpr auto kBetweenReports = std::chrono::milliseconds(50);
}

// Filled by the io thread, emptied by the run.
struct IndexService::ChangedPaths {
  Mutex mutex;
  std::set<std::string> paths ENGRAM_GUARDED_BY(mutex);

  void add(const std::string& path) {
    const MutexLock lock(mutex);
    paths.insert(path);
  }
  std::vector<std::string> take() {
    const MutexLock lock(mutex);
    std::vector<std::string> out(paths.begin(), paths.end());
    paths.clear();
    return out;
  }
};

IndexService::IndexService(Dependencies dependencies, Events events)
    : deps_(dependencies),
      events_(std::move(events)),
      self_(std::make_shared<IndexService*>(this)) {}

IndexService::~IndexService() {
  *self_ = nullptr;
  stop_.request_stop();
  deps_.timers.cancel(gather_);
  deps_.timers.cancel(retry_);
}

void IndexService::start(std::filesystem::path root, std::filesystem::path store, ScanOptions scan,
                         std::vector<std::string> first) {
  root_ = std::move(root);
  store_ = std::move(store);
  scan_ = std::move(scan);
  first_ = std::move(first);
  started_ = true;
  rescan();
}

void IndexService::rescan() {
  if (!started_) return;
  whole_pending_ = true;
  run_next();
}

void IndexService::note(const std::string& path) {
  if (path.empty()) {
    whole_pending_ = true;
  } else if (changed_) {
    changed_->add(path);
  } else {
    pending_.insert(path);
  }
}

void IndexService::file_saved(const std::string& path) {
  if (!started_) return;
  note(path);
  run_next();
}

void IndexService::files_changed(const std::vector<std::string>& paths) {
  if (!started_ || paths.empty()) return;
  for (const std::string& path : paths) note(path);
  if (gather_ != 0) return;
  gather_ = deps_.timers.after(kGather, [this] {
    gather_ = 0;
    run_next();
  });
}

void IndexService::cancel() {
  whole_pending_ = false;
  pending_.clear();
  stop_.request_stop();
}

void IndexService::shut_down() {
  cancel();
  started_ = false;
  deps_.timers.cancel(std::exchange(gather_, 0));
  deps_.timers.cancel(std::exchange(retry_, 0));
}

void IndexService::run_next() {
  if (running_) return;
  if (pending_.size() > kManyFiles) whole_pending_ = true;
  if (whole_pending_) {
    whole_pending_ = false;
    pending_.clear();  // the scan sees them
    launch(true, {});
  } else if (!pending_.empty()) {
    const auto paths = std::exchange(pending_, {});
    launch(false, {paths.begin(), paths.end()});
  }
}

IndexOptions IndexService::options_for_run() {
  IndexOptions options;
  options.scan = scan_;
  options.first = first_;
  options.background = true;
  if (changed_) options.take_changed = [changed = changed_] { return changed->take(); };
  options.may_proceed = [&gate = deps_.gate] { gate.wait(); };
  options.progress = [self = self_, &io = deps_.io, on_progress = events_.progress,
                      last = Clock::time_point{}](const IndexProgress& progress) mutable {
    const auto now = Clock::now();  // thinned here: the io thread has better to do
    const bool done = progress.files_done == progress.files_total;
    if (!done && now - last < kBetweenReports) return;
    last = now;
    io.post([self, on_progress, progress] {
      if (*self != nullptr && (*self)->running_) on_progress(progress);
    });
  };
  return options;
}

// Everything a run needs, on the indexing thread.
struct IndexService::Run {
  std::shared_ptr<IndexService*> self;
  Executor& io;
  Assistant& assistant;
  std::filesystem::path root, store;
  IndexOptions options;
  bool whole = false;
  std::vector<std::string> paths;

  Result<IndexReport> go(const std::stop_token& stop) {
    try {
      return whole ? assistant.index(root, store, options, stop)
                   : assistant.update(root, store, paths, options, stop);
    } catch (const std::exception& e) {
      return Error{Errc::kIo, std::string("cannot index: ") + e.what()};
    }
  }
};

void IndexService::launch(bool whole, std::vector<std::string> paths) {
  running_ = true;
  deps_.timers.cancel(std::exchange(retry_, 0));
  stop_ = std::stop_source();
  if (whole) changed_ = std::make_shared<ChangedPaths>();
  events_.started(whole);
  auto run = std::make_shared<Run>(Run{self_, deps_.io, deps_.assistant, root_, store_,
                                       options_for_run(), whole, std::move(paths)});
  deps_.worker.post([run, stop = stop_.get_token()] {
    run->io.post([run, report = run->go(stop)] {
      if (*run->self != nullptr) (*run->self)->finish(run->whole, run->paths, report);
    });
  });
}

void IndexService::finish(bool whole, const std::vector<std::string>& paths,
                          const Result<IndexReport>& report) {
  running_ = false;
  if (const auto changed = std::exchange(changed_, nullptr)) {
    for (const std::string& path : changed->take()) pending_.insert(path);
  }
  events_.finished(report, whole);
  if (!started_) return;
  if (!report && report.error().code == Errc::kBusy) {
    whole_pending_ = whole_pending_ || whole;
    pending_.insert(paths.begin(), paths.end());
    retry_ = deps_.timers.after(kRetryLease, [this] {
      retry_ = 0;
      run_next();
    });
    return;
  }
  run_next();
}

}  // namespace engram::lsp
