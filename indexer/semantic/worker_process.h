// indexer/semantic/worker_process.h: one running engram-clang-worker, and what became of it.
//
// The worker reads a hostile repository, so it is believed in nothing: it gets an empty environment
// and one descriptor, its replies are decoded with every index checked, and whatever goes wrong
// (crash, silence, damage) ends it. A new one takes its place; this object answers no more.
//
// Threads: one at a time.  Errors: kNotFound: no such program; kBusy: it took too long; kCorrupt:
// it sent what is no reply; kIo: it ended; kCancelled. Messages say what became of the worker, not
// which file it was about: the caller knows.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/file_descriptor.h"
#include "core/result.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

// Where the worker finds its end of the socketpair.
constexpr int kWorkerDescriptor = 3;

struct WorkerOptions {
  std::filesystem::path program;
  std::vector<std::string> readable;  // absolute folders: workspace, build and include folders
  std::uint64_t memory_bytes = std::uint64_t{3} << 30;  // of addresses; 0: no limit
  std::uint32_t reply_limit = 96u << 20;                // bytes
  // From request to reply; a stoppable one gets WorkerShare::kStretch times as much.
  std::chrono::milliseconds reply_time{300'000};
  bool background = true;
  // May be stopped by SIGSTOP: so that none is left behind it dies with the thread that started it.
  bool stoppable = false;
  bool live = false;  // it holds one open file (live_message.h)
};

class WorkerProcess {
 public:
  static Result<std::unique_ptr<WorkerProcess>> start(const WorkerOptions& options);
  ~WorkerProcess();  // kills it and waits for its end
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // After an error the worker is gone.
  Result<UnitReply> ask(const UnitRequest& request, std::stop_token stop = {});
  // The same in bytes, for a live one. `sent`, if any, is called when the request is on its way.
  Result<std::string> ask_bytes(std::string_view request, std::stop_token stop = {},
                                const std::function<void()>& sent = {});
  // From any thread, after `sent`: a live worker is to give up what it was asked.
  void ask_to_give_up();
  // The reply made no sense: what becomes of one that is believed in nothing.
  Error end(Error error) { return end_of(std::move(error), true); }
  pid_t pid() const { return pid_; }  // of a group: it and what it forked

 private:
  WorkerProcess(const WorkerOptions& options, pid_t pid, int fd)
      : options_(options), pid_(pid), fd_(fd) {}
  Result<std::string> exchange(std::string_view request, const std::function<void()>& sent);
  Error end_of(Error error, bool killed_by_us);

  WorkerOptions options_;
  pid_t pid_;
  FileDescriptor fd_;
  bool waits_ = true;  // for a request
};

// The program beside the one that runs.
std::filesystem::path worker_beside_this_program();
// Folders with the headers of the system's compilers, as far as they are there.
std::vector<std::string> toolchain_folders();

}  // namespace engram
