#include "tests/lsp/fakes.h"

namespace engram::lsp {

TEST_CASE("lifecycle: nothing is served before initialize, and exit without shutdown is 1",
          "[lsp]") {
  SessionRig rig;
  CHECK(rig.client.error_code(rig.request("shutdown", json::object{})) == -32002);
  rig.open("x");  // dropped
  CHECK(rig.session->documents.size() == 0);
  rig.notify("exit", json::object{});
  CHECK(rig.exit_code == 1);
}

TEST_CASE("lifecycle: initialize answers at once, before model and index", "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  const json::value* reply = rig.client.reply(1);
  REQUIRE(reply);
  const json::value& capabilities = *find(*find(*reply, "result"), "capabilities");
  CHECK(find_string(capabilities, "positionEncoding") == "utf-16");
  CHECK(find_int(*find(capabilities, "textDocumentSync"), "change") == 2);
  CHECK(find_bool(capabilities, "inlineCompletionProvider") == true);
  CHECK(rig.loader.queued() == 1);
  CHECK(rig.indexing.queued() == 1);
  CHECK(rig.surroundings.watched_pid == 4711);
}

TEST_CASE("lifecycle: shutdown, then exit with 0; in between requests are refused", "[lsp]") {
  SessionRig rig;
  rig.begin();
  CHECK(rig.client.error_code(rig.request("initialize", json::object{})) == -32600);
  const auto id = rig.request("shutdown", nullptr);
  CHECK(find(*rig.client.reply(id), "result")->is_null());
  CHECK(rig.client.error_code(rig.request("engram/status", json::object{})) == -32600);
  CHECK(rig.client.error_code(rig.request("shutdown", nullptr)) == -32600);
  rig.notify("exit", nullptr);
  CHECK(rig.exit_code == 0);
}

TEST_CASE("lifecycle: the end of the input and the editor's death end the server", "[lsp]") {
  SessionRig closed;
  closed.begin();
  closed.session->input_ended();
  CHECK(closed.exit_code == 0);

  SessionRig died;
  died.begin();
  died.surroundings.on_death();
  CHECK(died.exit_code == 0);
}

TEST_CASE("lifecycle: the best encoding on offer is taken", "[lsp]") {
  struct Case {
    json::value offered;
    const char* taken;
  };
  const auto c = GENERATE(values<Case>({{json::array{"utf-8", "utf-16"}, "utf-8"},
                                        {json::array{"utf-32", "utf-16", "utf-8"}, "utf-8"},
                                        {json::array{"utf-16"}, "utf-16"},
                                        {json::array{"utf-32"}, "utf-16"},
                                        {json::array{3}, "utf-16"},
                                        {"utf-8", "utf-16"}}));
  SessionRig rig;
  rig.begin({{"general", {{"positionEncodings", c.offered}}}});
  const json::value& result = *find(*rig.client.reply(1), "result");
  CHECK(find_string(*find(result, "capabilities"), "positionEncoding") == c.taken);
}

TEST_CASE("lifecycle: navigation is offered unless the user has another server for it", "[lsp]") {
  const bool wanted = GENERATE(true, false);
  ServerOptions options;
  options.navigation = wanted;
  SessionRig rig(options);
  rig.begin();
  const json::value& offered = *find(*find(*rig.client.reply(1), "result"), "capabilities");
  CHECK((find(offered, "definitionProvider") != nullptr) == wanted);
  CHECK((find(offered, "documentLinkProvider") != nullptr) == wanted);
  CHECK(find(offered, "inlineCompletionProvider") != nullptr);
}

TEST_CASE("lifecycle: without a folder the workspace is that of the first file opened", "[lsp]") {
  SessionRig rig;
  rig.begin({}, {{"rootUri", nullptr}});
  CHECK(rig.assistant.whole_runs == 0);
  rig.open("int x;\n", "untitled:Untitled-1");
  rig.run_all();
  CHECK(rig.assistant.whole_runs == 0);
  rig.open("int x;\n", "file:///somewhere/a.cpp");
  rig.run_all();
  CHECK(rig.assistant.whole_runs == 1);
  CHECK(rig.assistant.first == std::vector<std::string>{"a.cpp"});
}

TEST_CASE("lifecycle: settings may be ignored with a message, shown once", "[lsp]") {
  ServerOptions options;
  options.settings = [](const std::filesystem::path& root) {
    WorkspaceSettings settings;
    settings.messages = {root.string() + ": model is ignored until `engram trust`"};
    return settings;
  };
  SessionRig rig(options);
  rig.begin();
  const auto shown = rig.client.calls("window/showMessage");
  REQUIRE(shown.size() == 1);
  CHECK(find_string(*find(shown[0], "params"), "message") ==
        "Engram: /w: model is ignored until `engram trust`");
}

TEST_CASE("lifecycle: a session destroyed in the middle of everything leaves quiet jobs behind",
          "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  rig.open("int x;\n");
  rig.loader.run_until_idle();
  rig.io.run_until_idle();
  rig.complete({0, 3}, true);
  rig.insert({0, 3}, "y");
  rig.complete({0, 4}, true);
  rig.session.reset();
  rig.client.forget();
  rig.run_all();
  CHECK(rig.client.received().empty());
}

}  // namespace engram::lsp
