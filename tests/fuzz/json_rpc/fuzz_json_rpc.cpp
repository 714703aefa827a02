// Whatever a client sends, in whatever portions: the session answers and lives on.
//
// The first byte chooses the portions. With an odd one the rest is bytes on the wire, framing and
// all; with an even one it is message bodies, one a line, to a session that is initialized and has
// a document open, so that the fuzzer need not find its way through the framing first.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/log.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {

struct NoClient final : MessageSink {
  void send(std::string body) override {
    // What we say must be JSON, whatever we were told.
    if (!parse_json(body, 1000)) __builtin_trap();
  }
};

struct NoTimers final : Timers {
  Clock::time_point now() const override { return {}; }
  TimerId after(Clock::duration, Job) override { return ++last; }
  void cancel(TimerId) override {}
  TimerId last = 0;
};

struct EchoCompleter final : Completer {
  Result<CompletionResult> complete(const CompletionRequest& r, std::stop_token) override {
    if (r.offset > r.text->size()) __builtin_trap();
    CompletionResult result;
    result.items.emplace_back();
    result.items[0].text = r.text->substr(r.offset / 2);
    result.items[0].begin = r.offset / 2;
    result.items[0].end = r.offset;
    return result;
  }
  void warm(const CompletionRequest&, std::stop_token) override {}
  void set_store(const std::filesystem::path&) override {}
};

struct FakeAssistant final : Assistant {
  std::filesystem::path workspace_of(const std::filesystem::path&) const override { return "/w"; }
  std::filesystem::path store_directory(const std::filesystem::path&) const override { return {}; }
  Result<LoadedCompleter> load_completer(const std::filesystem::path&, const std::filesystem::path&,
                                         std::stop_token) override {
    return LoadedCompleter{std::make_shared<EchoCompleter>(), "fake"};
  }
  Result<IndexReport> index(const std::filesystem::path&, const std::filesystem::path&,
                            const IndexOptions&, std::stop_token) override {
    return IndexReport{};
  }
  Result<IndexReport> update(const std::filesystem::path&, const std::filesystem::path&,
                             const std::vector<std::string>& paths, const IndexOptions&,
                             std::stop_token) override {
    for (const auto& path : paths) {
      if (path.empty() || path.front() == '/') __builtin_trap();  // outside the workspace
    }
    return IndexReport{};
  }
  std::vector<std::string> indexed_directories(const std::filesystem::path&) override { return {}; }
};

struct NoSurroundings final : Surroundings {
  void watch_process(std::int64_t, Job) override {}
  std::vector<std::string> watch_directories(
      const std::filesystem::path&, const std::vector<std::string>&,
      std::function<void(const std::vector<std::string>&)>) override {
    return {};
  }
};

struct Rig {
  NoClient client;
  ManualExecutor jobs;
  NoTimers timers;
  CompletionGate gate;
  FakeAssistant assistant;
  NoSurroundings surroundings;
  Session session{{client,
                   jobs,
                   jobs,
                   jobs,
                   jobs,
                   timers,
                   gate,
                   assistant,
                   surroundings,
                   {},
                   fixed_debounce({}),
                   [](int) {}}};

  void say(std::string body) {
    session.receive({Frame::Kind::kMessage, std::move(body)});
    jobs.run_until_idle();
  }
};

void bytes_on_the_wire(Rig& rig, std::string_view input, std::size_t portion) {
  FrameReader reader({.header_bytes = 256, .body_bytes = 1u << 16});
  for (std::size_t at = 0; at < input.size(); at += portion) {
    reader.feed(input.substr(at, portion));
    while (const auto frame = reader.next()) {
      rig.session.receive(*frame);
      rig.jobs.run_until_idle();
    }
  }
}

void bodies(Rig& rig, std::string_view input) {
  rig.say(R"({"jsonrpc":"2.0","id":-1,"method":"initialize","params":{"rootUri":"file:///w"}})");
  rig.say(R"({"jsonrpc":"2.0","method":"initialized"})");
  rig.say(R"({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":)"
          R"({"uri":"file:///w/a","languageId":"c","version":1,"text":"a😀\r\nb"}}})");
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    rig.say(std::string(input.substr(0, end)));
    input.remove_prefix(std::min(input.size(), end + 1));
  }
}

}  // namespace

}  // namespace engram::lsp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engram::lsp;
  if (size == 0) return 0;
  engram::set_log_level(engram::LogLevel::kOff);
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  Rig rig;
  if (data[0] % 2 == 1) {
    bytes_on_the_wire(rig, input, data[0]);
  } else {
    bodies(rig, input);
  }
  return 0;
}
