#include "indexer/semantic/live_unit.h"

#include <utility>

#include "core/executor.h"
#include "indexer/commands/module_map.h"

namespace engram {

namespace {

Error cancelled() { return {Errc::kCancelled, "another question took its place"}; }

}  // namespace

LiveUnits::Unit::Unit(const LiveOptions& options, CommandOf command_of)
    : options_(options), command_of_(std::move(command_of)), thread_([this] { serve(); }) {}

LiveUnits::Unit::~Unit() {
  stop();
  thread_.join();
}

LiveUnits::Unit::Kind LiveUnits::Unit::kind_of(const LiveAsk& ask) {
  switch (ask.question) {
    case LiveQuestion::kComplete:
      return kNames;
    case LiveQuestion::kSignatures:
      return kSignatures;
    case LiveQuestion::kDescribe:
      return kDetails;
    case LiveQuestion::kDiagnose:
      break;
  }
  return kDiagnosis;
}

void LiveUnits::Unit::ask(LiveAsk ask, Done done) {
  std::optional<Job> replaced = Job{std::move(ask), std::move(done)};
  {
    const MutexLock lock(mutex_);
    const Kind kind = kind_of(replaced->ask);
    if (!stop_.stop_requested()) std::swap(waiting_[kind], replaced);
    // What is being worked on is old now, or less urgent.
    if (running_ && *running_ >= kind) {
      give_up_ = true;
      if (sent_) worker_->ask_to_give_up();
    }
  }
  changed_.notify_all();
  if (replaced) replaced->done(cancelled());
}

void LiveUnits::Unit::stop() {
  stop_.request_stop();
  {
    const MutexLock lock(mutex_);
  }  // nobody is between looking at stop_ and waiting
  changed_.notify_all();
}

std::optional<LiveUnits::Unit::Kind> LiveUnits::Unit::next() const {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (waiting_[kind]) return static_cast<Kind>(kind);
  }
  return std::nullopt;
}

bool LiveUnits::Unit::take(Job& job) {
  const MutexLock lock(mutex_);
  while (!next() && !stop_.stop_requested()) changed_.wait(mutex_);
  running_ = next();
  if (!running_) return false;
  job = *std::move(waiting_[*running_]);
  waiting_[*running_].reset();
  give_up_ = sent_ = false;
  return true;
}

bool LiveUnits::Unit::put_back(Job& job) {
  const MutexLock lock(mutex_);
  std::optional<Job>& place = waiting_[kind_of(job.ask)];
  if (place || stop_.stop_requested()) return false;
  place = std::move(job);
  return true;
}

void LiveUnits::Unit::serve() {
  set_thread_name("live-clang");
  Job job;
  while (take(job)) {
    bool given_up = false;
    Result<LiveAnswer> result = cancelled();
    if (!stop_.stop_requested()) result = answer(job, given_up);
    {
      const MutexLock lock(mutex_);
      running_.reset();
    }
    if (!given_up || !put_back(job)) job.done(std::move(result));
    job = {};
  }
  let_go();
  ended_ = true;
}

// Its end may take a moment, in which others may ask: not under mutex_.
void LiveUnits::Unit::let_go() {
  std::unique_ptr<WorkerProcess> worker;
  const MutexLock lock(mutex_);
  sent_ = false;
  worker = std::move(worker_);
}

void LiveUnits::Unit::ask_for_command(const OpenFile& file) {
  const std::vector<std::string> readable =
      command_ ? command_->readable : std::vector<std::string>();
  command_.reset();
  if (auto command = command_of_(file)) {
    command_ = *std::move(command);
  } else {
    no_command_ = command.error();
  }
  if (!command_ || command_->readable != readable) let_go();
}

// A command, and a worker that may read what it needs.
Result<void> LiveUnits::Unit::be_ready(const OpenFile& file) {
  const std::uint64_t wanted = wanted_commands_;
  const auto imports = [&] {
    return command_ && has_modules(command_->command) &&
           (!command_->command.modules.empty() || !module_names(*file.text).imports.empty());
  };
  if (commands_ != wanted || imports()) {
    commands_ = wanted;
    ask_for_command(file);
  }
  if (!command_) return Error{Errc::kInvalidArgument, no_command_.message};
  if (worker_ != nullptr) return {};
  WorkerOptions worker = options_.worker;
  worker.readable = command_->readable;
  worker.live = true;
  worker.background = false;
  ENGRAM_TRY(started, WorkerProcess::start(worker));
  const MutexLock lock(mutex_);
  worker_ = std::move(started);
  return {};
}

Result<std::string> LiveUnits::Unit::exchange(const std::string& request) {
  return worker_->ask_bytes(request, stop_.get_token(), [this] {
    const MutexLock lock(mutex_);
    sent_ = true;
    if (give_up_) worker_->ask_to_give_up();
  });
}

Error LiveUnits::Unit::fault(Error error) {
  if (error.code == Errc::kCancelled) return error;
  let_go();
  if (error.code == Errc::kNotFound) error.code = Errc::kIo;  // it closed the connection
  if (++faults_ >= kMostFaults) {
    given_up_because_ = error.message;
    error.code = Errc::kDevice;
  }
  return error;
}

Result<LiveAnswer> LiveUnits::Unit::answer(const Job& job, bool& given_up) {
  if (!given_up_because_.empty()) return Error{Errc::kDevice, given_up_because_};
  path_ = job.ask.file.path;
  if (auto ready = be_ready(job.ask.file); !ready) {
    const bool absent = ready.error().code == Errc::kInvalidArgument ||  // a command
                        ready.error().code == Errc::kNotFound;           // the program
    return absent ? ready.error() : fault(ready.error());
  }
  LiveRequest request;
  request.question = job.ask.question;
  request.directory = command_->command.directory;
  request.arguments = command_->command.arguments;
  request.modules = command_->command.modules;
  request.unsaved.push_back({command_->command.file, *job.ask.file.text});
  for (UnsavedFile& other : others_.among(job.ask.others, path_)) {
    request.unsaved.push_back(std::move(other));
  }
  request.begin = job.ask.begin;
  request.end = job.ask.end;
  request.most = job.ask.most;
  request.cpu_seconds = options_.cpu_seconds;
  if (job.ask.candidates) request.candidates = job.ask.candidates();
  const auto begun = std::chrono::steady_clock::now();
  const auto body = exchange(encode_live_request(request));
  if (!body) return fault(body.error());
  auto reply = decode_live_reply(*body, job.ask.file.text->size());
  if (!reply) return fault(worker_->end(reply.error()));
  faults_ = 0;
  given_up = reply->given_up;
  if (given_up) return cancelled();
  if (!reply->failure.empty()) return Error{Errc::kInvalidArgument, reply->failure};
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  return LiveAnswer{*std::move(reply), command_->command, took.count()};
}

}  // namespace engram
