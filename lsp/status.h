// lsp/status.h: what the editor's status item shows: model, index, compiler facts, the last answer.
//
// Served as the request engram/status and, to clients that ask for it
// (initializationOptions.statusNotifications), sent as a notification when it changes, at most ten
// times a second; without `leftOut` while that is as it was. docs/protocol.md has the members.
//
// Threads: confined to the io thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "assist/completion/completion.h"
#include "lsp/connection.h"
#include "lsp/timers.h"

namespace engram::lsp {

struct ServerStatus {
  struct Model {
    std::string state = "loading";  // loading | ready | none | failed
    std::string name;
    std::string message;  // why there is none, and what to do
  } model;
  struct Index {
    std::string state =
        "waiting";  // waiting | indexing | ready | shared | cancelled | off | failed
    std::uint64_t files_done = 0, files_total = 0;
    std::uint64_t files = 0, symbols = 0, skipped = 0;  // of the last finished run
    std::string message;
  } index;
  struct Semantic {
    std::string state = "waiting";  // waiting | indexing | ready | none | shared | cancelled | off
                                    // | failed
    std::uint64_t done = 0, total = 0;  // translation units
    std::uint64_t semantic = 0, inferred = 0, without_facts = 0;
    std::vector<std::pair<std::string, std::string>> left_out;  // files, and why
    std::string message;
  } semantic;
  struct Last {
    std::string reason;  // why the last completion was silent; empty: it was shown
    std::string detail;
    double milliseconds = 0;  // from the request to the answer
    bool cached = false;
    CompletionTimings timings;
    std::size_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;
  } last;
  std::uint64_t requests = 0, shown = 0, accepted = 0;
  std::uint64_t warmed = 0;  // times that warming up at the cursor came to its end
};

json::value to_json(const ServerStatus& status);

class StatusBoard {
 public:
  StatusBoard(Connection& client, Timers& timers) : client_(client), timers_(timers) {}
  ~StatusBoard();

  void send_notifications(bool wanted) { wanted_ = wanted; }
  const ServerStatus& now() const { return status_; }

  template <class Change>
  void update(Change change) {
    change(status_);
    changed();
  }

 private:
  void changed();
  void tell();

  Connection& client_;
  Timers& timers_;
  ServerStatus status_;
  decltype(ServerStatus::Semantic::left_out) told_left_out_;
  bool wanted_ = false, told_ = false;
  TimerId pending_ = 0;
};

}  // namespace engram::lsp
