// bench/lsp/lsp_client.h: `engram lsp` as a child process, asked and answered over its pipes.
//
// Threads: confined.  Errors: a server that dies or is silent for a minute ends the program with
// one line: a benchmark has nothing to fall back to.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "lsp/framing.h"

namespace engram {

class LspClient {
 public:
  explicit LspClient(const std::vector<std::string>& command);
  ~LspClient();  // shutdown, exit, wait
  LspClient(const LspClient&) = delete;
  LspClient& operator=(const LspClient&) = delete;

  json::value request(std::string_view method, json::value params);  // its result
  void notify(std::string_view method, json::value params);

  // The session around them.
  void initialize(const std::string& root_uri);
  void open(const std::string& uri, const std::string& language, const std::string& text);
  void insert(const std::string& uri, std::size_t line, std::size_t column, std::string_view text);
  // The insertText of the first item, or "".
  std::string complete(const std::string& uri, std::size_t line, std::size_t column, bool invoked);
  json::value status() { return request("engram/status", json::object{}); }

  // A completion asked for by hand and not waited for; its whole reply once it has come.
  std::int64_t start_completion(const std::string& uri, std::size_t line, std::size_t column);
  std::optional<json::value> poll_reply(std::int64_t id);
  pid_t pid() const { return pid_; }

 private:
  json::value next_message();
  bool read_more(int timeout_ms);
  std::int64_t send_request(std::string_view method, json::value params);
  bool is_reply(const json::value& message, std::int64_t id);
  void write(const std::string& body);

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  lsp::FrameReader frames_;
  std::int64_t last_id_ = 0, version_ = 1;
};

}  // namespace engram
