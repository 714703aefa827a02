// tests/lsp/live_session.h: a session whose Clang answers when the test says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/lsp/fakes.h"

namespace engram::lsp {

// Answers when the test says so.
class FakeAnalysis final : public LiveAnalysis {
 public:
  struct Asked {
    LiveAsk ask;
    Done done;
  };
  void ask(LiveAsk ask, Done done) override { asked.push_back({std::move(ask), std::move(done)}); }
  void close(const std::string& path) override { closed.push_back(path); }
  void commands_changed() override { ++changed_commands; }

  std::vector<Asked> asked;
  std::vector<std::string> closed;
  int changed_commands = 0;
};

inline UnitDiagnostic error_at(std::uint32_t begin, std::uint32_t end, std::string message) {
  UnitDiagnostic d;
  d.file = 0;
  d.begin = begin;
  d.end = end;
  d.message = std::move(message);
  return d;
}

inline LiveAnswer answer(std::vector<UnitDiagnostic> diagnostics,
                         CommandOrigin origin = CommandOrigin::kExact) {
  LiveAnswer answer;
  answer.command.origin = origin;
  answer.command.source = "a.cpp";
  answer.reply.facts.files = {{"/w/a.cpp", {}, 1000, false}, {"/nowhere/x.h", {}, 10, false}};
  answer.reply.facts.diagnostics = std::move(diagnostics);
  answer.reply.end = 1000;
  return answer;
}

class LiveSession : public SessionRig {
 public:
  explicit LiveSession(json::object capabilities = {}, json::object workspace = {}) {
    assistant.live = [this] {
      auto made = std::make_unique<FakeAnalysis>();
      analysis = made.get();
      return made;
    };
    begin({{"textDocument", std::move(capabilities)}, {"workspace", std::move(workspace)}});
  }
  void say(std::size_t i, Result<LiveAnswer> answer) {
    analysis->asked.at(i).done(std::move(answer));
    run_all();
  }
  std::int64_t pull(const std::string& uri = "file:///w/a.cpp", json::object more = {}) {
    more["textDocument"] = {{"uri", uri}};
    return request("textDocument/diagnostic", std::move(more));
  }
  // The code actions offered at `range` of a.cpp.
  json::array actions(json::value range, json::object context) {
    const auto id =
        request("textDocument/codeAction", {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                            {"range", std::move(range)},
                                            {"context", std::move(context)}});
    return find(*client.reply(id), "result")->as_array();
  }
  std::vector<json::value> published() const {
    return client.calls("textDocument/publishDiagnostics");
  }
  std::vector<std::string> messages() const {
    std::vector<std::string> out;
    const json::value params = *find(published().back(), "params");
    for (const json::value& d : *find_array(params, "diagnostics")) {
      out.emplace_back(*find_string(d, "message"));
    }
    return out;
  }
  const json::value& first_diagnostic() {
    last_ = *find(published().back(), "params");
    return find_array(last_, "diagnostics")->at(0);
  }

  FakeAnalysis* analysis = nullptr;

 private:
  json::value last_;
};

}  // namespace engram::lsp
