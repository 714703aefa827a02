// indexer/semantic/live_unit.h: one open file, its worker, and the questions that wait for it.
//
// Private to LiveUnits.  Threads: ask(), stop() and commands_changed() from any; the rest happens
// on a thread of its own.  Errors: as in live_units.h.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <stop_token>
#include <thread>

#include "indexer/semantic/live_units.h"
#include "indexer/semantic/unsaved_texts.h"

namespace engram {

class LiveUnits::Unit {
 public:
  Unit(const LiveOptions& options, CommandOf command_of);
  ~Unit();  // joins; returns at once when ended()

  void ask(LiveAsk ask, Done done);
  void stop();  // does not wait
  bool ended() const { return ended_; }
  void commands_changed() { ++wanted_commands_; }

  std::uint64_t last_asked = 0;  // its owner's

 private:
  struct Job {
    LiveAsk ask;
    Done done;
  };
  enum Kind : std::size_t {
    kNames,
    kSignatures,
    kDetails,
    kDiagnosis,
    kKinds
  };  // in order of urgency
  static Kind kind_of(const LiveAsk& ask);

  void serve();
  bool take(Job& job);
  std::optional<Kind> next() const ENGRAM_REQUIRES(mutex_);
  // True when `job` must be asked again later.
  bool put_back(Job& job);
  Result<LiveAnswer> answer(const Job& job, bool& given_up);
  Result<std::string> exchange(const std::string& request);
  Result<void> be_ready(const OpenFile& file);
  void ask_for_command(const OpenFile& file);
  void let_go();
  Error fault(Error error);

  const LiveOptions options_;
  const CommandOf command_of_;
  std::stop_source stop_;
  std::atomic<bool> ended_{false};
  std::atomic<std::uint64_t> wanted_commands_{1};

  Mutex mutex_;
  ConditionVariable changed_;
  std::array<std::optional<Job>, kKinds> waiting_ ENGRAM_GUARDED_BY(mutex_);
  std::optional<Kind> running_ ENGRAM_GUARDED_BY(mutex_);  // and its worker has the request
  bool give_up_ ENGRAM_GUARDED_BY(mutex_) = false;         // as soon as the worker has the request
  bool sent_ ENGRAM_GUARDED_BY(mutex_) = false;

  // The thread's own.
  std::string path_;
  UnsavedTexts others_;
  std::uint64_t commands_ = 0;
  std::optional<LiveCommand> command_;
  Error no_command_;
  std::unique_ptr<WorkerProcess> worker_;  // used under mutex_ by others
  int faults_ = 0;
  std::string given_up_because_;
  std::thread thread_;
};

}  // namespace engram
