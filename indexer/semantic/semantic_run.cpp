#include "indexer/semantic/semantic_run.h"

#include <atomic>
#include <optional>
#include <thread>

#include "core/process_costs.h"

namespace engram {

namespace {

UnitRequest request_for(const CompileCommand& command, const SemanticRunOptions& options) {
  UnitRequest request;
  request.root = options.root;
  request.directory = command.directory;
  request.arguments = command.arguments;
  request.modules = command.modules;
  request.best_certainty = best_certainty(command);
  request.system_headers = options.system_headers;
  request.cpu_seconds = options.cpu_seconds;
  request.each_header_once = options.claims != nullptr;
  return request;
}

// What the slots' threads share with the one that waits.
class Tally {
 public:
  Tally(const SemanticRunOptions& options, std::size_t total) : options_(options), total_(total) {
    report_.units = total;
  }

  void add(const CompileCommand& command, const UnitOutcome& outcome) {
    // The caller's functions may stop the run, which wakes wait(): never under mutex_.
    const MutexLock one_at_a_time(telling_);
    if (outcome.end != UnitEnd::kCancelled && options_.on_unit) options_.on_unit(command, outcome);
    const std::size_t done = count(command, outcome);
    if (options_.on_progress) options_.on_progress(done, total_);
    changed_.notify_all();
  }

  void wait(std::stop_token stop) {
    const std::stop_callback wake(stop, [this] {
      {
        const MutexLock lock(mutex_);
      }
      changed_.notify_all();
    });
    MutexLock lock(mutex_);
    while (done_ < total_ && !stop.stop_requested()) changed_.wait(mutex_);
  }

  SemanticRunReport take() {
    const MutexLock lock(mutex_);
    return std::move(report_);
  }

 private:
  std::size_t count(const CompileCommand& command, const UnitOutcome& outcome) {
    const MutexLock lock(mutex_);
    switch (outcome.end) {
      case UnitEnd::kIndexed:
      case UnitEnd::kBodiesSkipped:
        ++(outcome.facts.certainty == Certainty::kSemantic ? report_.semantic : report_.inferred);
        report_.bodies_skipped += outcome.end == UnitEnd::kBodiesSkipped;
        break;
      case UnitEnd::kQuarantined:
        ++report_.quarantined;
        report_.without_facts.push_back({command.file, outcome.reason});
        break;
      case UnitEnd::kFailed:
        ++report_.failed;
        report_.without_facts.push_back({command.file, outcome.reason});
        break;
      case UnitEnd::kCancelled:
        break;
    }
    return ++done_;
  }

  const SemanticRunOptions& options_;
  const std::size_t total_;
  Mutex telling_;
  Mutex mutex_;
  ConditionVariable changed_;
  SemanticRunReport report_ ENGRAM_GUARDED_BY(mutex_);
  std::size_t done_ ENGRAM_GUARDED_BY(mutex_) = 0;
};

// Hands the queue to the pool, a unit for each slot at a time: what is taken next is decided late.
class Feed {
 public:
  Feed(const CompileCommands& commands, UnitQueue& units, const SemanticRunOptions& options,
       Tally& tally, std::stop_token stop)
      : stop_(std::move(stop)),
        units_(units),
        options_(options),
        tally_(tally),
        most_(worker_slots(options.jobs, std::thread::hardware_concurrency(), 0)),
        slots_(worker_slots(most_, most_, memory_for_workers())),
        pool_(worker_options(commands, options), most_, options.claims, options.courtesy) {
    pool_.limit(slots_);
    for (std::size_t i = 0; i < most_; ++i) submit_next();
  }
  ~Feed() { ended_ = true; }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

 private:
  static WorkerOptions worker_options(const CompileCommands& commands,
                                      const SemanticRunOptions& options) {
    WorkerOptions worker = options.worker;
    worker.readable = commands.readable_roots();
    return worker;
  }

  void submit_next() {
    const bool ended = ended_ || stop_.stop_requested();  // maybe by what was just told of
    const CompileCommand* const unit = ended ? nullptr : units_.take();
    if (unit == nullptr) return;
    const auto done = [this, unit](const UnitOutcome& outcome) {
      tally_.add(*unit, outcome);
      follow_memory();
      submit_next();
    };
    UnitRequest request = request_for(*unit, options_);
    if (request.each_header_once) request.prefix = units_.prefix_of(*unit);
    if (!pool_.submit(std::move(request), done)) {
      tally_.add(*unit, {UnitEnd::kFailed, "too many translation units at once", {}});
    }
  }

  void follow_memory() {
    const std::size_t now = slots_;
    const std::size_t then = worker_slots_from_now(now, most_, memory_for_workers());
    if (then == now) return;
    slots_ = then;
    pool_.limit(then);
  }

  const std::stop_token stop_;
  UnitQueue& units_;
  const SemanticRunOptions& options_;
  Tally& tally_;
  const std::size_t most_;
  std::atomic<std::size_t> slots_;
  std::atomic<bool> ended_ = false;
  WorkerPool pool_;  // last: goes first
};

}  // namespace

std::vector<CompileCommand> all_units(const CompileCommands& commands) {
  std::vector<CompileCommand> all;
  for (const std::string& file : commands.files()) {
    for (CompileCommand& command : commands.commands_for(file)) all.push_back(std::move(command));
  }
  return all;
}

Result<SemanticRunReport> run_units(const CompileCommands& commands, UnitQueue& units,
                                    const SemanticRunOptions& options, std::stop_token stop) {
  const auto started = std::chrono::steady_clock::now();
  const double cpu_before = children_processor_seconds();
  Tally tally(options, units.size());
  std::optional<Feed> feed;
  feed.emplace(commands, units, options, tally, stop);
  tally.wait(stop);
  feed.reset();  // workers' costs are known once they have ended
  if (stop.stop_requested()) return Error{Errc::kCancelled, "cancelled"};
  SemanticRunReport report = tally.take();
  report.worker_cpu_seconds = children_processor_seconds() - cpu_before;
  report.worker_peak_bytes = children_peak_bytes();
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

std::string semantic_share(const SemanticRunReport& report) {
  const std::size_t percent = report.units == 0 ? 0 : report.semantic * 100 / report.units;
  return std::to_string(percent) + " % of translation units semantic (" +
         std::to_string(report.semantic) + " of " + std::to_string(report.units) + ", " +
         std::to_string(report.inferred) + " inferred, " +
         std::to_string(report.failed + report.quarantined) + " without)";
}

}  // namespace engram
