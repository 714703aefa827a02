// lsp/work_done_progress.h: one progress bar in the editor, from begin to end.
//
// The token is created by asking the client (window/workDoneProgress/create) and used only once it
// agreed; a client without the capability sees nothing. Reports are thinned to ten a second. Work
// that ends before the client agreed still gets its begin and end, so that no token stays open.
//
// Threads: confined to the io thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lsp/connection.h"
#include "lsp/timers.h"

namespace engram::lsp {

class WorkDoneProgress {
 public:
  // `name` is that of its tokens: "engram-index-1".
  WorkDoneProgress(Connection& client, Timers& timers, std::string name)
      : client_(client), timers_(timers), name_(std::move(name)) {}

  void set_supported(bool supported) { supported_ = supported; }
  void begin(std::string title);  // ends the one before
  void report(std::string message, unsigned percentage);
  void end(std::string message);
  bool shown() const { return bar_ != nullptr; }
  bool is(const RpcId& token) const;  // the bar that is shown now

 private:
  struct Bar {
    RpcId token;
    std::string title;
    bool agreed = false;
    std::optional<std::string> ended;  // its last message
    Clock::time_point last_report{};
  };
  void send(const RpcId& token, json::object value);
  void send_end(const Bar& bar);

  Connection& client_;
  Timers& timers_;
  const std::string name_;
  bool supported_ = false;
  std::int64_t count_ = 0;
  std::shared_ptr<Bar> bar_;
};

}  // namespace engram::lsp
