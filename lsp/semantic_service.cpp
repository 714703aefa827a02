#include "lsp/semantic_service.h"

#include <algorithm>
#include <utility>

namespace engram::lsp {

namespace {
constexpr auto kBetweenReports = std::chrono::milliseconds(50);
}

// Written by the io thread, read by the run.
struct SemanticService::OpenList {
  mutable Mutex mutex;
  std::vector<std::string> files ENGRAM_GUARDED_BY(mutex);

  std::vector<std::string> get() const {
    const MutexLock lock(mutex);
    return files;
  }
  bool set(std::vector<std::string> now) {
    const MutexLock lock(mutex);
    if (files == now) return false;
    files = std::move(now);
    return true;
  }
};

SemanticService::SemanticService(Dependencies dependencies, Events events)
    : deps_(dependencies),
      events_(std::move(events)),
      courtesy_(
          std::make_shared<WorkerCourtesy>([&gate = deps_.gate] { return gate.running() > 0; })),
      open_(std::make_shared<OpenList>()),
      self_(std::make_shared<SemanticService*>(this)) {
  deps_.gate.set_listener([courtesy = courtesy_] { courtesy->changed(); });
}

SemanticService::~SemanticService() {
  deps_.gate.set_listener({});
  *self_ = nullptr;
  stop_.request_stop();
  deps_.timers.cancel(retry_);
  deps_.timers.cancel(look_);
}

void SemanticService::start(SemanticWork work) {
  work_ = std::move(work);
  started_ = true;
  want(workspace_indexed_ ? Extent::kAll : Extent::kOpenFiles);
  look_later();
}

void SemanticService::set_open(std::vector<std::string> files) {
  // A run over all asks for the list itself; once all is read, no new file is stale by opening it.
  if (open_->set(std::move(files)) && !workspace_indexed_) want(Extent::kOpenFiles);
}

void SemanticService::workspace_indexed() {
  if (std::exchange(workspace_indexed_, true)) return;
  want(Extent::kAll);
}

void SemanticService::files_changed() {
  if (workspace_indexed_) want(Extent::kAll);
}

void SemanticService::cancel() {
  wanted_.reset();
  stop_.request_stop();
}

void SemanticService::shut_down() {
  cancel();
  started_ = false;
  deps_.timers.cancel(std::exchange(look_, 0));
  deps_.timers.cancel(std::exchange(retry_, 0));
}

void SemanticService::want(Extent extent) {
  if (!started_) return;
  wanted_ = std::max(extent, wanted_.value_or(extent));
  run_next();
}

void SemanticService::run_next() {
  if (running_ || !wanted_ || retry_ != 0) return;
  launch(*std::exchange(wanted_, std::nullopt));
}

SemanticIndexOptions SemanticService::options_for(Extent extent) {
  SemanticIndexOptions options;
  options.open_files = [open = open_] { return open->get(); };
  options.open_files_only = extent == Extent::kOpenFiles;
  options.courtesy = courtesy_.get();  // which the run holds
  options.on_progress = [self = self_, &io = deps_.io, tell = events_.progress,
                         last = Clock::time_point{}](const SemanticProgress& progress) mutable {
    const auto now = Clock::now();  // thinned here: the io thread has better to do
    if (progress.done != progress.total && now - last < kBetweenReports) return;
    last = now;
    io.post([self, tell, progress] {
      if (*self != nullptr && (*self)->running_) tell(progress);
    });
  };
  return options;
}

// Everything a run needs, on its thread.
struct SemanticService::Run {
  std::shared_ptr<SemanticService*> self;
  Executor& io;
  Assistant& assistant;
  SemanticWork work;
  SemanticIndexOptions options;
  Extent extent;
  std::shared_ptr<WorkerCourtesy> courtesy;

  Result<SemanticIndexReport> go(const std::stop_token& stop) {
    try {
      return assistant.understand(work, options, stop);
    } catch (const std::exception& e) {
      return Error{Errc::kIo, std::string("cannot index with Clang: ") + e.what()};
    }
  }
};

void SemanticService::launch(Extent extent) {
  running_ = extent;
  stop_ = std::stop_source();
  auto run = std::make_shared<Run>(
      Run{self_, deps_.io, deps_.assistant, work_, options_for(extent), extent, courtesy_});
  deps_.worker.post([run, stop = stop_.get_token()] {
    run->io.post([run, report = run->go(stop)] {
      if (*run->self != nullptr) (*run->self)->finish(run->extent, report);
    });
  });
}

void SemanticService::finish(Extent extent, const Result<SemanticIndexReport>& report) {
  running_.reset();
  if (extent == Extent::kAll || !report) events_.finished(report);
  if (started_ && !report && report.error().code == Errc::kBusy) {
    retry_ = deps_.timers.after(kRetryLease, [this] {
      retry_ = 0;
      run_next();
    });
    return want(extent);
  }
  run_next();
}

void SemanticService::look_later() {
  look_ = deps_.timers.after(kLook, [this] {
    look_later();
    if (running_ || !workspace_indexed_) return;
    deps_.worker.post([self = self_, &io = deps_.io, &assistant = deps_.assistant] {
      if (!assistant.compile_commands_changed()) return;
      io.post([self] {
        if (*self != nullptr) (*self)->commands_changed();
      });
    });
  });
}

void SemanticService::commands_changed() {
  if (!started_) return;
  events_.commands_changed();
  want(Extent::kAll);
}

}  // namespace engram::lsp
