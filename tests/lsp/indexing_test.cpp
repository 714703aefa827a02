#include <fmt/format.h>

#include "tests/lsp/fakes.h"

namespace engram::lsp {

using namespace std::chrono_literals;

namespace {

json::object with_progress() { return {{"window", {{"workDoneProgress", true}}}}; }

// Lets the client agree to the last window/workDoneProgress/create.
void agree(SessionRig& rig) {
  const auto asked = rig.client.calls("window/workDoneProgress/create");
  REQUIRE_FALSE(asked.empty());
  rig.session->receive(message(make_result(json::value(*find_int(asked.back(), "id")), nullptr)));
}

std::vector<std::string> progress_kinds(const SessionRig& rig) {
  std::vector<std::string> kinds;
  for (const json::value& call : rig.client.calls("$/progress")) {
    kinds.emplace_back(*find_string(*find(*find(call, "params"), "value"), "kind"));
  }
  return kinds;
}

IndexReport report_of(std::uint64_t files) {
  IndexReport report;
  report.counts.files = files;
  return report;
}

}  // namespace

TEST_CASE("indexing: the open file goes first, and progress runs from begin to end", "[lsp]") {
  SessionRig rig;
  rig.request("initialize", {{"rootUri", "file:///w"}, {"capabilities", with_progress()}});
  rig.open("int x;\n", "file:///w/src/a.cpp");
  rig.notify("initialized", json::object{});
  agree(rig);
  rig.assistant.run_index = [&](const IndexOptions& options,
                                std::stop_token) -> Result<IndexReport> {
    options.progress(IndexProgress{1, 2, 50, 100, "src/a.cpp"});
    rig.io.run_until_idle();
    CHECK(find_int(rig.status(), "percentage") == 50);
    CHECK(find_string(*find(rig.status(), "index"), "state") == "indexing");
    return report_of(2);
  };
  rig.run_all();
  CHECK(rig.assistant.first == std::vector<std::string>{"src/a.cpp"});
  CHECK(progress_kinds(rig) == std::vector<std::string>{"begin", "report", "end"});
  CHECK(find_int(*find(rig.status(), "index"), "files") == 2);
  CHECK(rig.assistant.completer->store == "/nonexistent/store");
}

TEST_CASE("indexing: a client that refuses progress, or does not know it, sees none", "[lsp]") {
  SessionRig refuses;
  refuses.begin(with_progress(), {}, false);
  const auto id = *find_int(refuses.client.calls("window/workDoneProgress/create")[0], "id");
  refuses.session->receive(message(make_error(json::value(id), ErrorCode::kInternalError, "no")));
  refuses.run_all();
  CHECK(progress_kinds(refuses).empty());

  SessionRig ignorant;
  ignorant.begin();
  CHECK(ignorant.client.calls("window/workDoneProgress/create").empty());
  CHECK(progress_kinds(ignorant).empty());
}

TEST_CASE("indexing: the user can stop it from the progress bar", "[lsp]") {
  SessionRig rig;
  rig.begin(with_progress(), {}, false);
  agree(rig);
  const auto token = *find(*find(rig.client.calls("$/progress")[0], "params"), "token");
  rig.assistant.run_index = [&](const IndexOptions&, std::stop_token stop) -> Result<IndexReport> {
    rig.notify("window/workDoneProgress/cancel", {{"token", "another"}});
    CHECK_FALSE(stop.stop_requested());
    rig.notify("window/workDoneProgress/cancel", {{"token", token}});
    CHECK(stop.stop_requested());
    return Error{Errc::kCancelled, "stopped"};
  };
  rig.run_all();
  CHECK(progress_kinds(rig).back() == "end");
  CHECK(find_string(*find(rig.status(), "index"), "state") == "cancelled");
  CHECK(rig.client.calls("window/showMessage").empty());  // cancellation is no problem
}

TEST_CASE("indexing: saved files are read again at once, what comes during a run after it",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  const auto save = [&](const char* uri) {
    rig.notify("textDocument/didSave", {{"textDocument", {{"uri", uri}}}});
  };
  save("file:///w/a.cpp");
  rig.assistant.run_index = [&](const IndexOptions&, std::stop_token) -> Result<IndexReport> {
    if (rig.assistant.updates.size() == 1) {
      save("file:///w/b.cpp");
      save("file:///w/c.cpp");
      save("file:///w/b.cpp");
      save("file:///elsewhere/d.cpp");
    }
    return report_of(1);
  };
  rig.run_all();
  CHECK(rig.assistant.updates ==
        std::vector<std::vector<std::string>>{{"a.cpp"}, {"b.cpp", "c.cpp"}});
}

TEST_CASE("indexing: changes of others are gathered; very many mean a scan", "[lsp]") {
  SessionRig rig;
  rig.begin();
  const auto changed = [&](std::vector<std::string> names) {
    json::array changes;
    for (const auto& name : names) {
      changes.push_back({{"uri", "file:///w/" + name}, {"type", 2}});
    }
    rig.notify("workspace/didChangeWatchedFiles", {{"changes", changes}});
  };
  changed({"a.cpp"});
  changed({"b.cpp", ".git/index", "sub/.git/HEAD"});
  rig.run_all();
  CHECK(rig.assistant.updates.empty());
  rig.timers.advance(100ms);
  rig.run_all();
  CHECK(rig.assistant.updates == std::vector<std::vector<std::string>>{{"a.cpp", "b.cpp"}});

  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back(std::to_string(i) + ".cpp");
  changed(many);
  rig.timers.advance(100ms);
  rig.run_all();
  CHECK(rig.assistant.updates.size() == 1);
  CHECK(rig.assistant.whole_runs == 2);
}

TEST_CASE("indexing: the client watches when it can; else we do", "[lsp]") {
  SessionRig client_watches;
  client_watches.begin(
      {{"workspace", {{"didChangeWatchedFiles", {{"dynamicRegistration", true}}}}}});
  REQUIRE(client_watches.client.calls("client/registerCapability").size() == 1);
  CHECK(engram::to_json(
            *find(client_watches.client.calls("client/registerCapability")[0], "params")) ==
        R"({"registrations":[{"id":"engram-watch","method":"workspace/didChangeWatchedFiles",)"
        R"("registerOptions":{"watchers":[{"globPattern":"**/*"}]}}]})");
  CHECK_FALSE(client_watches.surroundings.changed);

  SessionRig we_watch;
  we_watch.begin();
  CHECK(we_watch.client.calls("client/registerCapability").empty());
  REQUIRE(we_watch.surroundings.changed);
  we_watch.surroundings.changed({"a.cpp"});
  we_watch.timers.advance(100ms);
  we_watch.run_all();
  CHECK(we_watch.assistant.updates == std::vector<std::vector<std::string>>{{"a.cpp"}});
  we_watch.surroundings.changed({""});  // the kernel lost count
  we_watch.timers.advance(100ms);
  we_watch.run_all();
  CHECK(we_watch.assistant.whole_runs == 2);

  // A client that promised to watch and then refuses: we do, and look at what came before.
  const auto ids = client_watches.client.calls("client/registerCapability");
  client_watches.session->receive(
      message(fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":-32601,"message":"no"}}}})",
                          engram::to_json(*find(ids[0], "id")))));
  client_watches.run_all();
  CHECK(client_watches.surroundings.changed);
  CHECK(client_watches.assistant.whole_runs == 2);
}

TEST_CASE("indexing: files saved during a run over the workspace go to that run", "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  std::vector<std::string> taken;
  rig.assistant.run_index = [&](const IndexOptions& options,
                                std::stop_token) -> Result<IndexReport> {
    if (!options.take_changed) return report_of(1);
    rig.notify("textDocument/didSave", {{"textDocument", {{"uri", "file:///w/a.cpp"}}}});
    taken = options.take_changed();
    rig.notify("textDocument/didSave", {{"textDocument", {{"uri", "file:///w/late.cpp"}}}});
    return report_of(1);
  };
  rig.run_all();
  CHECK(taken == std::vector<std::string>{"a.cpp"});
  CHECK(rig.assistant.updates == std::vector<std::vector<std::string>>{{"late.cpp"}});
}

TEST_CASE("indexing: a store held by another process is used, and asked for again", "[lsp]") {
  SessionRig rig;
  bool held = true;
  rig.assistant.run_index = [&](const IndexOptions&, std::stop_token) -> Result<IndexReport> {
    if (held) return Error{Errc::kBusy, "process 4242 is indexing"};
    return report_of(5);
  };
  rig.begin();
  CHECK(find_string(*find(rig.status(), "index"), "state") == "shared");
  CHECK(rig.assistant.completer->store == "/nonexistent/store");
  CHECK(rig.client.calls("window/showMessage").empty());
  held = false;
  rig.timers.advance(10s);
  rig.run_all();
  CHECK(find_string(*find(rig.status(), "index"), "state") == "ready");
  CHECK(rig.assistant.whole_runs == 2);
}

TEST_CASE("indexing: after shutdown no store is asked for again", "[lsp]") {
  SessionRig rig;
  rig.assistant.run_index = [&](const IndexOptions&, std::stop_token) -> Result<IndexReport> {
    return Error{Errc::kBusy, "process 4242 is indexing"};
  };
  rig.begin();
  rig.request("shutdown", json::object{});
  rig.timers.advance(IndexService::kRetryLease);
  rig.run_all();
  CHECK(rig.assistant.whole_runs == 1);
}

TEST_CASE("indexing: a failure is told once and the server goes on", "[lsp]") {
  SessionRig rig;
  rig.assistant.run_index = [](const IndexOptions&, std::stop_token) -> Result<IndexReport> {
    return Error{Errc::kIo, "cannot write the store: no space left on the device"};
  };
  rig.begin();
  rig.notify("textDocument/didSave", {{"textDocument", {{"uri", "file:///w/a.cpp"}}}});
  rig.run_all();
  CHECK(rig.client.calls("window/showMessage").size() == 1);
  rig.open("x = \n");
  const auto id = rig.complete({0, 4});
  rig.run_all();
  CHECK(rig.shown(id) == "fake completion");
}

TEST_CASE("indexing: --no-memory and --no-model switch a half off", "[lsp]") {
  ServerOptions no_memory;
  no_memory.no_memory = true;
  SessionRig without_memory(no_memory);
  without_memory.begin();
  CHECK(without_memory.assistant.whole_runs == 0);
  CHECK(find_string(*find(without_memory.status(), "index"), "state") == "off");

  ServerOptions no_model;
  no_model.no_model = true;
  SessionRig without_model(no_model);
  without_model.begin();
  without_model.open("x");
  const auto by_memory = without_model.complete({0, 1});
  without_model.run_all();
  CHECK(without_model.shown(by_memory) == "fake completion");
  CHECK(find_string(without_model.status(), "modelState") == "off");
  CHECK(find_string(without_model.status(), "state") == "ready");
  CHECK(without_model.assistant.whole_runs == 1);

  SessionRig without_tokens(no_model);
  without_tokens.assistant.load = []() -> Result<LoadedCompleter> {
    return Error{Errc::kNotFound, "no model's file here"};
  };
  without_tokens.begin();
  without_tokens.open("x");
  CHECK(without_tokens.shown(without_tokens.complete({0, 1})) == "");
  CHECK(find_string(without_tokens.status(), "lastReason") == "no_model");
  CHECK(find_string(without_tokens.status(), "lastDetail") == "no model's file here");
  CHECK(without_tokens.client.calls("window/showMessage").empty());

  no_model.no_memory = true;
  SessionRig without_both(no_model);
  without_both.begin();
  without_both.open("x");
  CHECK(without_both.shown(without_both.complete({0, 1})) == "");
  CHECK(find_string(without_both.status(), "lastReason") == "no_model");
}

TEST_CASE("status: notifications go only to clients that asked, and are thinned", "[lsp]") {
  SessionRig silent;
  silent.begin();
  silent.timers.advance(1s);
  CHECK(silent.client.calls("engram/status").empty());

  SessionRig asked;
  asked.begin({}, {{"initializationOptions", {{"statusNotifications", true}}}});
  asked.timers.advance(1s);
  REQUIRE(asked.client.calls("engram/status").size() == 1);
  CHECK(find_string(*find(asked.client.calls("engram/status")[0], "params"), "model") ==
        "fake-model");
}

}  // namespace engram::lsp
