// indexer/semantic/live_units.h: the open files of an editor, each held by a worker of its own.
//
// A worker keeps the preamble of its file, so that an edit costs the parse of the file alone. The
// newest question of a kind replaces an older one that waits or runs; a diagnosis steps aside for
// completions and goes on after them. Of more than `most_files` the one not asked about for longest
// is closed. A worker that crashes, hangs or lies costs its question and is replaced; after
// kMostFaults in a row its file is left alone until it is closed and opened again.
//
// Threads: thread-safe; asks never wait. `done` runs once for every ask: on a thread of the file's,
// or, of a question that another replaces or that comes after the end, within ask().
// Errors, to `done`: kCancelled: replaced, closed or ended; kNotFound: no worker program; kDevice:
// the file was given up, with the reason; kInvalidArgument: nothing can be parsed; else those of
// WorkerProcess.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/sync.h"
#include "indexer/commands/compile_command.h"
#include "indexer/semantic/live_message.h"
#include "indexer/semantic/worker_process.h"

namespace engram {

struct OpenFile {
  std::string path;  // absolute
  std::shared_ptr<const std::string> text;
};

struct LiveAsk {
  LiveQuestion question = LiveQuestion::kDiagnose;
  OpenFile file;
  std::vector<OpenFile> others;      // of the C family; unsaved text counts in headers, too
  std::uint32_t begin = 0, end = 0;  // as in LiveRequest
  std::uint32_t most = 200;
  // Of kComplete: names that headers declare; called on the file's thread. May be empty.
  std::function<std::vector<LiveCandidate>()> candidates = {};
};

struct LiveAnswer {
  LiveReply reply;  // neither failed nor given up
  CompileCommand command;
  double milliseconds = 0;  // of the worker
};

// What the language server asks; tests bring one that says it is a fake.
class LiveAnalysis {
 public:
  using Done = std::function<void(Result<LiveAnswer>)>;
  virtual ~LiveAnalysis() = default;
  virtual void ask(LiveAsk ask, Done done) = 0;
  virtual void close(const std::string& path) = 0;
  virtual void commands_changed() = 0;  // they are looked up anew
};

// Each holds some hundred megabytes.
inline constexpr std::size_t kMostLiveFiles = 4;

struct LiveOptions {
  WorkerOptions worker = {};  // program and limits; `readable` comes with the command
  std::size_t most_files = kMostLiveFiles;
  std::uint32_t cpu_seconds = 30;
};

struct LiveCommand {
  CompileCommand command;
  std::vector<std::string> readable;  // what Clang may read
};

class LiveUnits final : public LiveAnalysis {
 public:
  static constexpr int kMostFaults = 3;
  // How a file is compiled, and which modules its text imports. Called on the files' threads, one
  // at a time; of a text that imports something, at every question.
  using CommandOf = std::function<Result<LiveCommand>(const OpenFile& file)>;

  LiveUnits(LiveOptions options, CommandOf command_of);
  ~LiveUnits() override;  // ends all workers
  LiveUnits(const LiveUnits&) = delete;
  LiveUnits& operator=(const LiveUnits&) = delete;

  void ask(LiveAsk ask, Done done) override;
  void close(const std::string& path) override;
  void commands_changed() override;

 private:
  class Unit;
  std::shared_ptr<Unit> unit_of(const std::string& path);
  void retire(std::shared_ptr<Unit> unit) ENGRAM_REQUIRES(mutex_);

  const LiveOptions options_;
  Mutex commands_mutex_;
  CommandOf command_of_ ENGRAM_GUARDED_BY(commands_mutex_);
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Unit>> units_ ENGRAM_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Unit>> retired_ ENGRAM_GUARDED_BY(mutex_);  // ending
  std::uint64_t asks_ ENGRAM_GUARDED_BY(mutex_) = 0;
};

}  // namespace engram
