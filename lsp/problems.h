// lsp/problems.h: tells the user about a problem, once each.
//
// Threads: confined to the io thread.
#pragma once

#include <set>
#include <string>

#include "lsp/connection.h"

namespace engram::lsp {

enum class MessageType : int { kError = 1, kWarning = 2, kInfo = 3, kLog = 4 };

class Problems {
 public:
  explicit Problems(Connection& client) : client_(client) {}

  // window/showMessage the first time `message` comes up; later only the log has it.
  void show_once(MessageType type, const std::string& message) {
    if (shown_.size() < kMost && shown_.insert(message).second) {
      client_.notify("window/showMessage", content(type, message));
    } else {
      log(type, message);
    }
  }
  void log(MessageType type, const std::string& message) {
    client_.notify("window/logMessage", content(type, message));
  }

 private:
  static constexpr std::size_t kMost = 200;
  static json::value content(MessageType type, const std::string& message) {
    return {{"type", static_cast<int>(type)}, {"message", json_string("Engram: " + message)}};
  }

  Connection& client_;
  std::set<std::string> shown_;
};

}  // namespace engram::lsp
