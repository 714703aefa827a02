// When Clang's workers are asked, and what the editor is told of them.
#include "tests/lsp/fakes.h"

namespace engram::lsp {

using namespace std::chrono_literals;

namespace {

using Paths = std::vector<std::string>;

SemanticIndexReport report_of(std::size_t units, std::size_t semantic) {
  SemanticIndexReport report;
  report.units = {units, units, semantic, units - semantic, 0};
  return report;
}

json::value semantic_status(SessionRig& rig) { return *find(rig.status(), "semantic"); }

std::string state(SessionRig& rig) {
  return std::string(*find_string(semantic_status(rig), "state"));
}

// What each run was about: "open: FILES" or "all: FILES".
struct Runs {
  explicit Runs(SessionRig& rig) {
    rig.assistant.run_clang = [this](const SemanticIndexOptions& options, std::stop_token) {
      std::string run = options.open_files_only ? "open:" : "all:";
      for (const std::string& file : options.open_files()) run += " " + file;
      seen.push_back(run);
      return result;
    };
  }
  Paths take() { return std::exchange(seen, {}); }

  Result<SemanticIndexReport> result = report_of(4, 4);
  Paths seen;
};

void save(SessionRig& rig, const char* uri) {
  rig.notify("textDocument/didSave", {{"textDocument", {{"uri", uri}}}});
}

}  // namespace

TEST_CASE("semantic: open files while the syntax tier reads, then all, then what was saved",
          "[lsp]") {
  SessionRig rig;
  Runs runs(rig);
  rig.begin({}, {}, false);
  rig.open("int x;\n", "file:///w/a.cpp");
  rig.open("int y;\n", "file:///w/b.cpp");
  rig.understanding.run_until_idle();
  rig.io.run_until_idle();
  rig.understanding.run_until_idle();
  REQUIRE_FALSE(runs.seen.empty());
  CHECK(runs.take().back() == "open: /w/b.cpp /w/a.cpp");  // the newest first
  rig.run_all();
  CHECK(runs.take() == Paths{"all: /w/b.cpp /w/a.cpp"});
  CHECK(state(rig) == "ready");
  // Once all is read, a file is not stale for being opened.
  rig.open("int z;\n", "file:///w/c.cpp");
  rig.run_all();
  CHECK(runs.take().empty());
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(runs.take() == Paths{"all: /w/c.cpp /w/b.cpp /w/a.cpp"});
  rig.notify("textDocument/didClose", {{"textDocument", {{"uri", "file:///w/b.cpp"}}}});
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(runs.take() == Paths{"all: /w/c.cpp /w/a.cpp"});
}

TEST_CASE("semantic: what is saved during a run is looked at in another one after it", "[lsp]") {
  SessionRig rig;
  rig.begin();
  int all = 0;
  rig.assistant.run_clang = [&](const SemanticIndexOptions&, std::stop_token) {
    if (++all == 1) {
      save(rig, "file:///w/b.cpp");
      rig.indexing.run_until_idle();
      rig.io.run_until_idle();
      CHECK(rig.understanding.queued() == 0);  // one at a time
    }
    return report_of(1, 1);
  };
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(all == 2);
}

TEST_CASE("semantic: progress says how much is semantic, the status what is left out and why",
          "[lsp]") {
  SessionRig rig;
  rig.assistant.run_clang = [&](const SemanticIndexOptions& options,
                                std::stop_token) -> Result<SemanticIndexReport> {
    if (options.open_files_only) return SemanticIndexReport{};
    options.on_progress({0, 8, 0, 0, 0});
    rig.io.run_until_idle();
    CHECK(state(rig) == "indexing");
    const auto asked = rig.client.calls("window/workDoneProgress/create");
    for (const json::value& call : asked) {
      rig.session->receive(message(make_result(json::value(*find_int(call, "id")), nullptr)));
    }
    rig.timers.advance(1s);
    options.on_progress({8, 8, 6, 1, 1});
    rig.io.run_until_idle();
    CHECK(find_int(semantic_status(rig), "percentage") == 75);
    SemanticIndexReport report;
    report.units = {8, 8, 6, 1, 1};
    report.without_facts = {{"src/bad.cpp", "engram-clang-worker crashed"}};
    return report;
  };
  rig.begin({{"window", {{"workDoneProgress", true}}}});
  Paths messages;
  for (const json::value& call : rig.client.calls("$/progress")) {
    const json::value& params = *find(call, "params");
    if (!find_string(params, "token")->starts_with("engram-semantic")) continue;
    messages.emplace_back(find_string(*find(params, "value"), "message").value_or("-"));
  }
  CHECK(messages == Paths{"-", "75 % of translation units semantic",
                          "75 % of translation units semantic (6 of 8, 1 inferred, 1 without)"});
  const json::value now = semantic_status(rig);
  CHECK(find_int(now, "withoutFacts") == 1);
  const json::array& left_out = find(now, "leftOut")->get_array();
  REQUIRE(left_out.size() == 1);
  CHECK(find_string(left_out[0], "file") == "src/bad.cpp");
  CHECK(find_string(left_out[0], "reason") == "engram-clang-worker crashed");
}

TEST_CASE("semantic: what is left out is notified when it changes, not each time", "[lsp]") {
  SessionRig rig;
  SemanticIndexReport report = report_of(2, 1);
  report.without_facts = {{"src/bad.cpp", "engram-clang-worker crashed"}};
  rig.assistant.run_clang = [&](const SemanticIndexOptions&, std::stop_token) { return report; };
  rig.begin({}, {{"initializationOptions", {{"statusNotifications", true}}}});
  const auto left_out = [&]() -> std::int64_t {  // of the last notification; -1 without
    rig.timers.advance(1s);
    const json::value params = *find(rig.client.calls("engram/status").back(), "params");
    const json::array* list = find_array(*find(params, "semantic"), "leftOut");
    return list == nullptr ? -1 : static_cast<std::int64_t>(list->size());
  };
  CHECK(left_out() == 1);
  const auto run_again = [&] {
    save(rig, "file:///w/a.cpp");
    rig.run_all();
    return left_out();
  };
  CHECK(run_again() == -1);
  report.without_facts.clear();
  CHECK(run_again() == 0);
  CHECK(run_again() == -1);
  CHECK(find_array(semantic_status(rig), "leftOut") != nullptr);  // who asks is told all
}

TEST_CASE("semantic: a run for a saved file shows no bar; cancelling a bar stops its run",
          "[lsp]") {
  SessionRig rig;
  rig.begin({{"window", {{"workDoneProgress", true}}}});
  const auto bars = rig.client.calls("window/workDoneProgress/create").size();
  std::size_t total = 2;
  rig.assistant.run_clang = [&](const SemanticIndexOptions& options,
                                std::stop_token stop) -> Result<SemanticIndexReport> {
    options.on_progress({0, total, 0, 0, 0});
    rig.io.run_until_idle();
    if (total == 2) return report_of(2, 2);
    const json::value created = rig.client.calls("window/workDoneProgress/create").back();
    const std::string token(*find_string(*find(created, "params"), "token"));
    rig.notify("window/workDoneProgress/cancel", {{"token", token}});
    CHECK(stop.stop_requested());
    return Error{Errc::kCancelled, "stopped"};
  };
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(rig.client.calls("window/workDoneProgress/create").size() == bars);
  total = 50;
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(state(rig) == "cancelled");
  CHECK(rig.client.calls("window/showMessage").empty());
}

TEST_CASE("semantic: a store that another process writes is asked for again", "[lsp]") {
  SessionRig rig;
  Runs runs(rig);
  runs.result = Error{Errc::kBusy, "the store is being written by process 7 (engram index)"};
  rig.begin();
  CHECK(state(rig) == "shared");
  runs.take();
  runs.result = report_of(2, 2);
  rig.timers.advance(SemanticService::kRetryLease);
  rig.run_all();
  CHECK(runs.take() == Paths{"all:"});
  CHECK(state(rig) == "ready");
  CHECK(rig.client.calls("window/showMessage").empty());
}

TEST_CASE("semantic: a worker program that is not there is one line, and the server lives",
          "[lsp]") {
  SessionRig rig;
  Runs runs(rig);
  runs.result = Error{Errc::kNotFound, "no semantic facts: 'x' is not there; 'make' builds it"};
  rig.begin();
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(rig.client.calls("window/showMessage").size() == 1);
  CHECK(state(rig) == "failed");
  CHECK(find_string(semantic_status(rig), "message") ==
        "no semantic facts: 'x' is not there; 'make' builds it");
}

TEST_CASE("semantic: another compile database is noticed without an event", "[lsp]") {
  SessionRig rig;
  Runs runs(rig);
  rig.begin();
  runs.take();
  rig.timers.advance(SemanticService::kLook);
  rig.run_all();
  CHECK(runs.take().empty());
  rig.assistant.commands_changed = true;
  rig.timers.advance(SemanticService::kLook);
  rig.run_all();
  CHECK(runs.take() == Paths{"all:"});
}

TEST_CASE("semantic: after shutdown nothing looks for databases, asks for leases or runs",
          "[lsp]") {
  SessionRig rig;
  Runs runs(rig);
  runs.result = Error{Errc::kBusy, "the store is being written by process 7 (engram index)"};
  rig.begin();
  runs.take();
  rig.assistant.commands_changed = true;
  rig.request("shutdown", json::object{});
  rig.timers.advance(
      std::max<Clock::duration>(SemanticService::kLook, SemanticService::kRetryLease));
  rig.run_all();
  CHECK(runs.take().empty());
}

TEST_CASE("semantic: switched off nothing runs, and the status says so", "[lsp]") {
  ServerOptions options;
  options.semantic = false;
  SessionRig rig(options);
  Runs runs(rig);
  rig.begin();
  rig.open("int x;\n");
  save(rig, "file:///w/a.cpp");
  rig.run_all();
  CHECK(runs.take().empty());
  CHECK(state(rig) == "off");
}

TEST_CASE("semantic: what was going on when the session ended is told to nobody", "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  rig.assistant.run_clang = [&](const SemanticIndexOptions& options, std::stop_token stop) {
    rig.session.reset();
    CHECK(stop.stop_requested());
    options.on_progress({1, 2, 1, 0, 0});
    return report_of(2, 2);
  };
  rig.understanding.run_until_idle();
  rig.io.run_until_idle();
}

}  // namespace engram::lsp
