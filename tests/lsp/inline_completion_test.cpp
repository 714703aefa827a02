#include "tests/lsp/fakes.h"

namespace engram::lsp {

using namespace std::chrono_literals;

TEST_CASE("inlineCompletion: an item comes with its range and the command for acceptance",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("a\U0001F600 = \n");
  const auto id = rig.complete({0, 6});
  rig.run_all();
  REQUIRE(rig.shown(id) == "fake completion");
  const json::value& item = (*find_array(*find(*rig.client.reply(id), "result"), "items"))[0];
  CHECK(engram::to_json(*find(item, "range")) ==
        R"({"start":{"line":0,"character":6},"end":{"line":0,"character":6}})");
  CHECK(engram::to_json(*find(item, "command")) ==
        R"({"title":"Accepted","command":"engram.accepted","arguments":["fake-1"]})");
  const CompletionRequest& asked = rig.assistant.completer->completed.at(0);
  CHECK(asked.path == "a.cpp");
  CHECK(asked.offset == 8);
  CHECK(asked.id_hint == "file:///w/a.cpp#1");
}

TEST_CASE("inlineCompletion: the completer is told of the workspace's other open documents",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int x = \n");
  rig.open("int other;\n", "file:///w/src/b.h");
  rig.open("int outside;\n", "file:///elsewhere/c.h");
  rig.complete({0, 8});
  rig.run_all();
  const CompletionRequest& asked = rig.assistant.completer->completed.at(0);
  REQUIRE(asked.open.size() == 1);
  CHECK(asked.open[0].path == "src/b.h");
  CHECK(*asked.open[0].text == "int other;\n");
}

TEST_CASE("inlineCompletion: a newer request answers and stops the older at once", "[lsp]") {
  //  editor   r1 ......... r2
  //  worker      [r1: while running, r2 arrives; r1 must see its stop] [r2]
  SessionRig rig;
  rig.begin();
  rig.open("int x;\n");
  const auto r1 = rig.complete({0, 1});
  std::int64_t r2 = 0;
  rig.assistant.completer->during = [&] {
    if (r2 == 0) r2 = rig.complete({0, 2});
  };
  rig.worker.run_one();
  CHECK(rig.client.error_code(r1) == -32800);
  CHECK(rig.assistant.completer->stopped == std::vector{true});
  rig.run_all();
  CHECK(rig.shown(r2) == "fake completion");
}

TEST_CASE("inlineCompletion: an edit answers ContentModified and stops the work", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int x;\n");
  const auto id = rig.complete({0, 1});
  rig.assistant.completer->during = [&] { rig.insert({0, 1}, "y"); };
  rig.run_all();
  CHECK(rig.client.error_code(id) == -32801);
  CHECK(rig.assistant.completer->stopped == std::vector{true});
}

TEST_CASE("inlineCompletion: work superseded before it began never runs", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int x;\n");
  for (std::size_t i = 0; i < 5; ++i) rig.complete({0, i});
  rig.run_all();
  CHECK(rig.assistant.completer->completed.size() == 1);
  CHECK(rig.assistant.completer->completed[0].offset == 4);
}

TEST_CASE("inlineCompletion: $/cancelRequest answers RequestCancelled and stops the work",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int x;\n");
  const auto id = rig.complete({0, 1});
  rig.assistant.completer->during = [&] { rig.notify("$/cancelRequest", {{"id", id}}); };
  rig.run_all();
  CHECK(rig.client.error_code(id) == -32800);
  CHECK(rig.assistant.completer->stopped == std::vector{true});
  CHECK(rig.shown(rig.complete({0, 2})) == "!");
  rig.run_all();
  CHECK(rig.shown(rig.last_id) == "fake completion");
}

TEST_CASE("inlineCompletion: documents do not cancel each other", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("int x;\n");
  rig.open("int y;\n", "file:///w/b.cpp");
  const auto a = rig.complete({0, 1});
  const auto b =
      rig.request("textDocument/inlineCompletion", {{"textDocument", {{"uri", "file:///w/b.cpp"}}},
                                                    {"position", to_json(Position{0, 1})},
                                                    {"context", {{"triggerKind", 2}}}});
  rig.run_all();
  CHECK(rig.shown(a) == "fake completion");
  CHECK(rig.shown(b) == "fake completion");
}

TEST_CASE("inlineCompletion: typing along a suggestion is answered from the cache, on the spot",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("x = \n");
  rig.complete({0, 4});
  rig.run_all();
  REQUIRE(rig.assistant.completer->completed.size() == 1);

  rig.insert({0, 4}, "fake c");
  CHECK(rig.shown(rig.complete({0, 10})) == "ompletion");  // no executor ran
  const auto status = rig.status();
  CHECK(find_bool(status, "lastCached") == true);
  CHECK(find_int(status, "shown") == 2);
  rig.insert({0, 10}, "X");  // off the suggestion
  const auto fresh = rig.complete({0, 11});
  CHECK(rig.shown(fresh) == "!");
  rig.run_all();
  CHECK(rig.assistant.completer->completed.size() == 2);
}

TEST_CASE("inlineCompletion: while the model loads, requests wait; automatic ones for two seconds",
          "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  rig.open("x = \n");
  const auto impatient = rig.complete({0, 4});
  rig.timers.advance(1999ms);
  CHECK(rig.shown(impatient) == "!");
  rig.timers.advance(1ms);
  CHECK(rig.shown(impatient) == "");
  CHECK(find_string(rig.status(), "lastReason") == "model_loading");
  CHECK(find_string(rig.status(), "state") == "loading");

  const auto patient = rig.complete({0, 4}, true);
  rig.timers.advance(1min);
  CHECK(rig.shown(patient) == "!");
  rig.run_all();
  CHECK(rig.shown(patient) == "fake completion");
}

TEST_CASE("inlineCompletion: an automatic request is answered when the model comes in time",
          "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  rig.open("x = \n");
  const auto id = rig.complete({0, 4});
  rig.timers.advance(1s);
  rig.run_all();
  CHECK(rig.shown(id) == "fake completion");
  rig.timers.advance(1min);  // its patience has no say any more
  CHECK(rig.client.received().size() == 2);
}

TEST_CASE("inlineCompletion: without a model the list is empty, the user told once", "[lsp]") {
  SessionRig rig;
  rig.assistant.load = []() -> Result<LoadedCompleter> {
    return Error{Errc::kNotFound, "no model here; `engram model fetch` gets one"};
  };
  rig.begin({}, {}, false);
  rig.open("x = \n");
  const auto waiting = rig.complete({0, 4}, true);
  rig.run_all();
  CHECK(rig.shown(waiting) == "");
  CHECK(rig.shown(rig.complete({0, 4})) == "");
  const auto status = rig.status();
  CHECK(find_string(status, "lastReason") == "no_model");
  CHECK(find_string(status, "state") == "error");
  CHECK(find_string(status, "message") == "no model here; `engram model fetch` gets one");
  CHECK(rig.client.calls("window/showMessage").size() == 1);
}

TEST_CASE("inlineCompletion: a completer that throws or refuses costs one answer", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("x = \n");
  rig.assistant.completer->answer = [](const CompletionRequest&) -> Result<CompletionResult> {
    throw std::runtime_error("inside");
  };
  const auto thrown = rig.complete({0, 4});
  rig.run_all();
  CHECK(rig.shown(thrown) == "");
  CHECK(find_string(rig.status(), "lastReason") == "internal_error");
  rig.assistant.completer->answer = [](const CompletionRequest&) -> Result<CompletionResult> {
    return Error{Errc::kInvalidArgument, "outside"};
  };
  const auto refused = rig.complete({0, 3});
  rig.run_all();
  CHECK(rig.client.error_code(refused) == -32602);
}

TEST_CASE("inlineCompletion: a document not open is InvalidParams; a position outside is clamped",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  CHECK(rig.client.error_code(rig.complete({0, 0})) == -32602);
  rig.open("ab\ncd");
  rig.complete({99, 99});
  rig.complete({0, 99});
  rig.run_all();
  CHECK(rig.assistant.completer->completed.back().offset == 2);
  CHECK(rig.client.error_code(rig.request("textDocument/inlineCompletion",
                                          {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                           {"position", {{"line", -1}, {"character", 0}}}})) ==
        -32602);
}

TEST_CASE("inlineCompletion: with a chosen entry, items extend it in its range", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("v.pu;\n");
  const auto id =
      rig.complete({0, 4}, false,
                   {{"selectedCompletionInfo",
                     {{"text", "push_back"}, {"range", to_json(Range{{0, 2}, {0, 4}})}}}});
  rig.run_all();
  CHECK(rig.shown(id) == "push_backfake completion");
  CHECK(*rig.assistant.completer->completed.at(0).text == "v.push_back;\n");
  CHECK(rig.assistant.completer->completed.at(0).offset == 11);
  const json::value& item = (*find_array(*find(*rig.client.reply(id), "result"), "items"))[0];
  CHECK(engram::to_json(*find(item, "range")) == engram::to_json(to_json(Range{{0, 2}, {0, 4}})));
}

TEST_CASE("inlineCompletion: a range over several lines is never sent", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("ab\ncd\n");
  rig.assistant.completer->answer = [](const CompletionRequest&) -> Result<CompletionResult> {
    CompletionResult result;
    CompletionItem item;
    item.text = "x";
    item.begin = 1;
    item.end = 4;
    result.items.push_back(item);
    return result;
  };
  const auto id = rig.complete({0, 1});
  rig.run_all();
  CHECK(rig.shown(id) == "");
}

TEST_CASE("inlineCompletion: indexing steps aside from the request to the end of its work",
          "[lsp]") {
  SessionRig rig;
  rig.begin({}, {}, false);
  rig.open("x = \n");
  CHECK(rig.gate.running() == 0);
  rig.complete({0, 4}, true);
  CHECK(rig.gate.running() == 1);  // while it waits for the model, too
  rig.assistant.completer->during = [&] { CHECK(rig.gate.running() == 1); };
  rig.run_all();
  CHECK(rig.gate.running() == 0);
  rig.complete({0, 3});
  rig.insert({0, 3}, "y");  // superseded before it began
  rig.run_all();
  CHECK(rig.gate.running() == 0);
}

TEST_CASE("idle: 300 ms after the last change the completer warms up, until the next keystroke",
          "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("x = \n");
  rig.timers.advance(1s);
  rig.run_all();
  CHECK(rig.assistant.completer->warmed.empty());  // nobody asked for completions here yet

  rig.complete({0, 4});
  rig.run_all();
  rig.insert({0, 4}, "y");
  rig.timers.advance(299ms);
  rig.run_all();
  CHECK(rig.assistant.completer->warmed.empty());
  rig.timers.advance(1ms);
  rig.run_all();
  REQUIRE(rig.assistant.completer->warmed.size() == 1);
  CHECK(*rig.assistant.completer->warmed[0].text == "x = y\n");
  CHECK(rig.assistant.completer->warmed[0].offset == 5);
  CHECK_FALSE(rig.assistant.completer->warm_stop.stop_requested());
  CHECK(find_int(rig.status(), "warmed") == 1);
  rig.insert({0, 5}, "z");
  CHECK(rig.assistant.completer->warm_stop.stop_requested());
}

TEST_CASE("idle: no warming up while a completion runs; it comes after", "[lsp]") {
  SessionRig rig;
  rig.begin();
  rig.open("x = \n");
  rig.complete({0, 4});
  rig.timers.advance(1s);
  rig.worker.run_until_idle();
  CHECK(rig.assistant.completer->warmed.empty());
  rig.run_all();
  rig.timers.advance(300ms);
  rig.run_all();
  CHECK(rig.assistant.completer->warmed.size() == 1);
}

TEST_CASE("debounce: only bursts wait, and an asked-for request never does", "[lsp]") {
  SessionRig rig({}, burst_debounce(45ms, 50ms));
  rig.begin();
  rig.open("x = \n");
  rig.complete({0, 1});
  CHECK(rig.worker.queued() == 1);
  rig.timers.advance(10ms);
  rig.complete({0, 2});
  CHECK(rig.worker.queued() == 1);  // the first job only
  rig.timers.advance(49ms);
  CHECK(rig.worker.queued() == 1);
  rig.timers.advance(1ms);
  CHECK(rig.worker.queued() == 2);
  rig.complete({0, 3}, true);
  CHECK(rig.worker.queued() == 3);
  rig.run_all();
  CHECK(rig.assistant.completer->completed.size() == 1);
}

TEST_CASE("executeCommand: engram.accepted counts; anything else is InvalidParams", "[lsp]") {
  SessionRig rig;
  rig.begin();
  const auto run = [&](const char* command, json::array arguments) {
    return rig.request("workspace/executeCommand",
                       {{"command", command}, {"arguments", std::move(arguments)}});
  };
  CHECK(rig.client.error_code(run("engram.accepted", {"id-1"})) == 0);
  CHECK(find_int(rig.status(), "accepted") == 1);
  CHECK(rig.client.error_code(run("engram.accepted", {})) == -32602);
  CHECK(rig.client.error_code(run("engram.accepted", {3})) == -32602);
  CHECK(rig.client.error_code(run("rm", {"-rf"})) == -32602);
}

}  // namespace engram::lsp
