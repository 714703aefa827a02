// When questions about code are answered: on their own worker, in order, unless taken back.
#include "tests/lsp/fakes.h"

namespace engram::lsp {

namespace {

json::value question(Position at) {
  return {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(at)}};
}

}  // namespace

TEST_CASE("navigation: a question waits for no completion, and no completion for it", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int f() { return 1; }\nint x = f();\n");
  rig.complete({1, 8}, true);  // waits for the completion worker, which is busy
  const auto id = rig.request("textDocument/definition", question({1, 8}));
  rig.navigating.run_until_idle();
  rig.io.run_until_idle();
  REQUIRE(rig.client.reply(id) != nullptr);
  const json::array& places = find(*rig.client.reply(id), "result")->get_array();
  REQUIRE(places.size() == 1);
  CHECK(find_string(places[0], "uri") == "file:///w/a.cpp");
  CHECK(find_string(places[0], "certainty") == "syntactic");
  CHECK(rig.assistant.completer->completed.empty());
}

TEST_CASE("navigation: a cancelled question is answered at once and never worked on", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int f();\n");
  const auto id = rig.request("textDocument/hover", question({0, 4}));
  rig.notify("$/cancelRequest", {{"id", id}});
  CHECK(rig.client.error_code(id) == static_cast<int>(ErrorCode::kRequestCancelled));
  rig.client.forget();
  rig.run_all();
  CHECK(rig.client.reply(id) == nullptr);  // one answer each
}

TEST_CASE("navigation: the document is that of the asking", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int f();\nint x = f();\n");
  const auto id = rig.request("textDocument/definition", question({1, 8}));
  rig.insert({0, 0}, "\n\n\n");
  rig.run_all();
  const json::array& places = find(*rig.client.reply(id), "result")->get_array();
  REQUIRE(places.size() == 1);
  CHECK(find_int(*find(*find(places[0], "range"), "start"), "line") == 0);
}

TEST_CASE("navigation: too many questions at once are refused, not queued", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int f();\n");
  std::int64_t last = 0;
  for (std::size_t i = 0; i <= NavigationService::kMostWaiting; ++i) {
    last = rig.request("textDocument/hover", question({0, 4}));
  }
  CHECK(rig.client.error_code(last) == static_cast<int>(ErrorCode::kRequestFailed));
  rig.run_all();
  const auto again = rig.request("textDocument/hover", question({0, 4}));
  rig.run_all();
  CHECK(find(*rig.client.reply(again), "result") != nullptr);
}

TEST_CASE("navigation: parameters are checked member by member", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int f();\n");
  const auto missing = rig.request("textDocument/definition", {{"position", {{"line", 0}}}});
  CHECK(rig.client.error_code(missing) == static_cast<int>(ErrorCode::kInvalidParams));
  const auto outside = rig.request("textDocument/definition", question({7, 0}));
  CHECK(rig.client.error_code(outside) == static_cast<int>(ErrorCode::kInvalidParams));
  const json::value bad{{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"positions", {1, 2}}};
  const auto selection = rig.request("textDocument/selectionRange", bad);
  CHECK(rig.client.error_code(selection) == static_cast<int>(ErrorCode::kInvalidParams));
}

TEST_CASE("navigation: work in flight outlives the session safely", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int f();\n");
  rig.request("textDocument/hover", question({0, 4}));
  rig.session.reset();
  rig.run_all();
}

}  // namespace engram::lsp
