// When Clang is asked about open documents, and how an editor is told what it says.
#include <algorithm>

#include "tests/lsp/fakes.h"

namespace engram::lsp {

namespace {

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

UnitDiagnostic error_at(std::uint32_t begin, std::uint32_t end, std::string message) {
  UnitDiagnostic d;
  d.file = 0;
  d.begin = begin;
  d.end = end;
  d.message = std::move(message);
  return d;
}

LiveAnswer answer(std::vector<UnitDiagnostic> diagnostics,
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

const Error kNoWorker{Errc::kNotFound, "starting engram-clang-worker: No such file or directory"};

}  // namespace

TEST_CASE("live: opening a document has it diagnosed, with its version", "[lsp]") {
  LiveSession rig;
  rig.open("int 𝛼 = x;\n");
  REQUIRE(rig.analysis->asked.size() == 1);
  CHECK(rig.analysis->asked[0].ask.file.path == "/w/a.cpp");
  rig.say(0, answer({error_at(11, 12, "no x")}));
  REQUIRE(rig.published().size() == 1);
  const json::value params = *find(rig.published()[0], "params");
  CHECK(find_int(params, "version") == 1);
  const json::value& d = rig.first_diagnostic();
  CHECK(find_string(d, "message") == "no x");
  CHECK(find_int(d, "severity") == 1);
  CHECK(find_string(d, "source") == "engram");
  CHECK(find_int(*find(*find(d, "range"), "start"), "character") == 9);  // UTF-16
}

TEST_CASE("live: other languages and other clients' documents are not Clang's", "[lsp]") {
  LiveSession rig;
  rig.open("x = 1\n", "file:///w/a.py");
  rig.open("int x;\n", "untitled:one");
  CHECK(rig.analysis->asked.empty());
}

TEST_CASE("live: edits in a burst ask once, about the newest text", "[lsp]") {
  LiveSession rig;
  rig.open("int x;\n");
  rig.say(0, answer({}));
  rig.insert({0, 0}, "a");
  rig.timers.advance(std::chrono::milliseconds(10));
  rig.insert({0, 1}, "b");
  rig.timers.advance(std::chrono::milliseconds(29));
  CHECK(rig.analysis->asked.size() == 1);
  rig.timers.advance(std::chrono::milliseconds(2));
  REQUIRE(rig.analysis->asked.size() == 2);
  CHECK(*rig.analysis->asked[1].ask.file.text == "abint x;\n");
}

TEST_CASE("live: what was said of an older text is not told", "[lsp]") {
  LiveSession rig;
  rig.open("int x;\n");
  rig.insert({0, 0}, " ");
  rig.say(0, answer({error_at(0, 1, "old")}));
  CHECK(rig.published().empty());
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(1, answer({error_at(0, 1, "new")}));
  CHECK(rig.messages() == std::vector<std::string>{"new"});
}

TEST_CASE("live: where the whole takes long, the edited function comes first", "[lsp]") {
  LiveSession rig;
  rig.open("int a() { bad; }\nint b() { bad; }\nint c() { bad; }\n");
  LiveAnswer slow =
      answer({error_at(10, 13, "in a"), error_at(27, 30, "in b"), error_at(44, 47, "in c")});
  slow.milliseconds = 900;
  rig.say(0, slow);
  rig.insert({1, 10}, "xy");
  rig.timers.advance(std::chrono::seconds(1));
  REQUIRE(rig.analysis->asked.size() == 2);
  CHECK(rig.analysis->asked[1].ask.begin == 27);
  CHECK(rig.analysis->asked[1].ask.end == 29);
  LiveAnswer part = answer({error_at(27, 32, "in new b")});
  part.reply.begin = 17;
  part.reply.end = 35;
  rig.say(1, part);
  CHECK(rig.messages() == std::vector<std::string>{"in a", "in new b", "in c"});
  const json::value params = *find(rig.published().back(), "params");
  const json::value& c = find_array(params, "diagnostics")->at(2);
  CHECK(find_int(*find(*find(c, "range"), "start"), "line") == 2);
  REQUIRE(rig.analysis->asked.size() == 3);  // the whole follows by itself
  CHECK(rig.analysis->asked[2].ask.end == 0);
  rig.say(2, answer({}));
  CHECK(rig.messages().empty());
}

TEST_CASE(
    "live: who pulls gets the edited function as the answer, if it can be asked to pull again",
    "[lsp]") {
  for (const bool refreshes : {true, false}) {
    LiveSession rig({{"diagnostic", json::object{}}},
                    {{"diagnostics", {{"refreshSupport", refreshes}}}});
    rig.open("int a() { bad; }\nint b() { bad; }\n");
    const auto items = [&](std::int64_t id) {
      return find_array(*find(*rig.client.reply(id), "result"), "items")->size();
    };
    const auto first = rig.pull();
    LiveAnswer slow = answer({error_at(10, 13, "in a"), error_at(27, 30, "in b")});
    slow.milliseconds = 900;
    rig.say(0, slow);
    CHECK(items(first) == 2);
    rig.insert({1, 10}, "xy");
    const auto edited = rig.pull();
    REQUIRE(rig.analysis->asked.size() == 2);
    CHECK((rig.analysis->asked[1].ask.end > 0) == refreshes);  // a part
    if (!refreshes) continue;
    LiveAnswer part = answer({});
    part.reply.begin = 17;
    part.reply.end = 35;
    const auto asked_to_pull = [&] {
      return rig.client.calls("workspace/diagnostic/refresh").size();
    };
    rig.say(1, part);
    CHECK(items(edited) == 1);
    CHECK(asked_to_pull() == 0);
    REQUIRE(rig.analysis->asked.size() == 3);
    rig.say(2, answer({}));
    CHECK(asked_to_pull() == 1);
    CHECK(items(rig.pull()) == 0);
  }
}

TEST_CASE("live: notes are related information where the client has it, text else", "[lsp]") {
  UnitDiagnostic note = error_at(4, 5, "declared here");
  note.level = DiagnosticLevel::kNote;
  UnitDiagnostic elsewhere = note;
  elsewhere.file = 1;  // a file that is not what Clang read
  elsewhere.message = "and there";
  {
    LiveSession rig;
    rig.open("int x; int x;\n");
    rig.say(0, answer({error_at(11, 12, "again"), note, elsewhere}));
    CHECK(rig.messages() ==
          std::vector<std::string>{"again\nnote: declared here\nnote: and there"});
  }
  LiveSession rig({{"publishDiagnostics", {{"relatedInformation", true}}}});
  rig.open("int x; int x;\n");
  rig.say(0, answer({error_at(11, 12, "again"), note, elsewhere}));
  const json::array& related = *find_array(rig.first_diagnostic(), "relatedInformation");
  REQUIRE(related.size() == 2);
  const auto at = [&](std::size_t i) {
    const json::value& range = *find(*find(related[i], "location"), "range");
    return find_int(*find(range, "start"), "character");
  };
  CHECK(at(0) == 4);
  CHECK(at(1) == 11);  // stands at its problem
}

TEST_CASE("live: fixes are code actions, at their places after an edit, too", "[lsp]") {
  LiveSession rig;
  rig.open("int f() { return 1 }\n");
  UnitDiagnostic missing = error_at(18, 19, "expected ';'");
  missing.fixes = {{0, 18, 18, ";"}};
  UnitDiagnostic elsewhere = error_at(0, 3, "fixed in a header");
  elsewhere.fixes = {{1, 0, 1, "x"}};
  rig.say(0, answer({elsewhere, missing}));
  const auto actions = [&](std::size_t character, json::object context) {
    const Position at{0, character};
    const auto id =
        rig.request("textDocument/codeAction", {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                                {"range", to_json(Range{at, at})},
                                                {"context", std::move(context)}});
    return find(*rig.client.reply(id), "result")->get_array();
  };
  CHECK(actions(1, {}).empty());
  const json::array offered = actions(18, {});
  REQUIRE(offered.size() == 1);
  CHECK(find_string(offered[0], "title") == "insert ';'");
  CHECK(find_string(offered[0], "kind") == "quickfix");
  CHECK(actions(18, {{"only", json::array{"refactor"}}}).empty());
  rig.insert({0, 0}, "  ");
  const json::array moved = actions(20, {});
  REQUIRE(moved.size() == 1);
  const json::value& changes = *find(*find(moved[0], "edit"), "changes");
  const json::array& edits = *find_array(changes, "file:///w/a.cpp");
  CHECK(find_int(*find(*find(edits[0], "range"), "start"), "character") == 20);
}

TEST_CASE("live: missing headers of a guessed command are one remark, not a flood", "[lsp]") {
  LiveSession rig;
  rig.open("#include \"gone.h\"\nGone g;\n");
  const auto said = [&](CommandOrigin origin, bool missing) {
    LiveAnswer it = answer(
        {error_at(9, 17, "'gone.h' file not found"), error_at(18, 22, "unknown type name 'Gone'")},
        origin);
    if (missing) it.reply.missing_headers = {"gone.h", "other.h"};
    return it;
  };
  rig.say(0, said(CommandOrigin::kBorrowed, true));
  REQUIRE(rig.messages().size() == 1);
  CHECK(rig.messages()[0].starts_with("'gone.h' was not found and 1 more; this file has no entry"));
  CHECK(find_int(rig.first_diagnostic(), "severity") == 3);
  CHECK(find_string(rig.first_diagnostic(), "source") == "engram (guessed command)");
  rig.insert({1, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(1, said(CommandOrigin::kBorrowed, false));
  CHECK(rig.messages().size() == 2);  // labelled all the same
  CHECK(find_string(rig.first_diagnostic(), "source") == "engram (guessed command)");
  rig.insert({1, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(2, said(CommandOrigin::kExact, true));
  CHECK(rig.messages().size() == 2);
  CHECK(find_string(rig.first_diagnostic(), "source") == "engram");
}

TEST_CASE("live: a client that pulls is answered when they are fresh, and is not pushed to",
          "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  const auto first = rig.pull();
  CHECK(rig.client.reply(first) == nullptr);
  rig.say(0, answer({error_at(0, 3, "bad")}));
  REQUIRE(rig.client.reply(first) != nullptr);
  const json::value report = *find(*rig.client.reply(first), "result");
  CHECK(find_string(report, "kind") == "full");
  CHECK(find_array(report, "items")->size() == 1);
  CHECK(rig.published().empty());
  const auto again = rig.pull("file:///w/a.cpp", {{"previousResultId", *find(report, "resultId")}});
  CHECK(find_string(*find(*rig.client.reply(again), "result"), "kind") == "unchanged");
  rig.insert({0, 0}, " ");
  const auto changed = rig.pull();  // does not wait for the debounce
  REQUIRE(rig.analysis->asked.size() == 2);
  rig.say(1, answer({}));
  CHECK(find_array(*find(*rig.client.reply(changed), "result"), "items")->empty());
}

TEST_CASE("live: a pull is answered and asks again whatever became of the last diagnosis",
          "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  const auto failing = rig.pull();
  rig.say(0, Error{Errc::kInvalidArgument, "no command"});
  REQUIRE(rig.client.reply(failing) != nullptr);
  CHECK(find_array(*find(*rig.client.reply(failing), "result"), "items")->empty());
  const auto evicted = rig.pull();
  REQUIRE(rig.analysis->asked.size() == 2);
  rig.say(1, Error{Errc::kCancelled, "another question took its place"});
  CHECK(rig.client.error_code(evicted) == -32802);  // ServerCancelled: pull again
  const auto served = rig.pull();
  REQUIRE(rig.analysis->asked.size() == 3);
  rig.say(2, answer({error_at(0, 3, "bad")}));
  CHECK(find_array(*find(*rig.client.reply(served), "result"), "items")->size() == 1);
}

TEST_CASE("live: a pull that was cancelled does not hurry the next edit", "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  rig.notify("$/cancelRequest", {{"id", rig.pull()}});
  rig.insert({0, 0}, " ");
  CHECK(rig.analysis->asked.size() == 1);
  rig.timers.advance(std::chrono::seconds(1));
  CHECK(rig.analysis->asked.size() == 2);
}

TEST_CASE("live: saving a header has the others diagnosed, closing takes them back", "[lsp]") {
  LiveSession rig;
  rig.open("int x;\n");
  rig.open("int y;\n", "file:///w/b.h");
  REQUIRE(rig.analysis->asked.size() == 2);
  rig.say(0, answer({error_at(0, 3, "bad")}));
  rig.say(1, answer({}));
  rig.notify("textDocument/didSave", {{"textDocument", {{"uri", "file:///w/b.h"}}}});
  rig.timers.advance(std::chrono::seconds(1));
  REQUIRE(rig.analysis->asked.size() == 3);
  CHECK(rig.analysis->asked[2].ask.file.path == "/w/a.cpp");
  CHECK(rig.analysis->asked[2].ask.others.size() == 1);
  rig.notify("textDocument/didClose", {{"textDocument", {{"uri", "file:///w/a.cpp"}}}});
  CHECK(rig.analysis->closed == std::vector<std::string>{"/w/a.cpp"});
  CHECK(rig.messages().empty());
  rig.say(2, answer({error_at(0, 3, "late")}));
  CHECK(rig.messages().empty());
}

TEST_CASE("live: of many documents those changed last are diagnosed again, others when they change",
          "[lsp]") {
  LiveSession rig;
  const auto uri = [](std::size_t i) { return "file:///w/" + std::to_string(i) + ".cpp"; };
  for (std::size_t i = 0; i < 7; ++i) {
    rig.open("int x;\n", uri(i));
    rig.say(i, answer({}));
  }
  rig.insert({0, 0}, " ", uri(1));
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(7, answer({}));
  const auto asked_since = [&](std::size_t first) {
    std::vector<std::string> out;
    for (std::size_t i = first; i < rig.analysis->asked.size(); ++i) {
      out.push_back(rig.analysis->asked[i].ask.file.path);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  rig.notify("textDocument/didSave", {{"textDocument", {{"uri", uri(1)}}}});
  rig.timers.advance(std::chrono::seconds(1));
  using Paths = std::vector<std::string>;
  CHECK(asked_since(8) == Paths{"/w/4.cpp", "/w/5.cpp", "/w/6.cpp"});
  for (std::size_t i = 8; i < 11; ++i) rig.say(i, answer({}));
  rig.insert({0, 0}, " ", uri(0));
  rig.timers.advance(std::chrono::seconds(1));
  CHECK(asked_since(11) == Paths{"/w/0.cpp"});
}

TEST_CASE("live: no more documents are asked about at once than keep their workers", "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  const auto uri = [](std::size_t i) { return "file:///w/" + std::to_string(i) + ".cpp"; };
  std::vector<std::int64_t> pulls;
  for (std::size_t i = 0; i < kMostLiveFiles + 2; ++i) {
    rig.open("int x;\n", uri(i));
    pulls.push_back(rig.pull(uri(i)));
  }
  REQUIRE(rig.analysis->asked.size() == kMostLiveFiles);
  rig.say(0, answer({}));
  REQUIRE(rig.analysis->asked.size() == kMostLiveFiles + 1);
  CHECK(rig.analysis->asked.back().ask.file.path == "/w/5.cpp");  // the newest
  for (std::size_t i = 1; i < kMostLiveFiles + 2; ++i) rig.say(i, answer({}));
  CHECK(rig.analysis->asked.size() == kMostLiveFiles + 2);
  for (const std::int64_t pull : pulls) CHECK(rig.client.reply(pull) != nullptr);
}

TEST_CASE("live: no worker is said once; a file given up, too", "[lsp]") {
  LiveSession rig;
  rig.open("int x;\n");
  const auto shown = [&] { return rig.client.calls("window/showMessage").size(); };
  const std::size_t before = shown();
  rig.say(0, Error{Errc::kDevice, "engram-clang-worker crashed: Segmentation fault"});
  rig.insert({0, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(1, Error{Errc::kDevice, "engram-clang-worker crashed: Segmentation fault"});
  CHECK(shown() == before + 1);
  rig.notify("textDocument/didClose", {{"textDocument", {{"uri", "file:///w/a.cpp"}}}});
  rig.open("int x;\n");
  rig.say(2, Error{Errc::kDevice, "engram-clang-worker crashed: Aborted"});
  CHECK(shown() == before + 2);  // it was opened again
  rig.open("int y;\n", "file:///w/b.cpp");
  rig.say(3, kNoWorker);
  CHECK(shown() == before + 3);
  rig.open("int z;\n", "file:///w/c.cpp");
  rig.insert({0, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  CHECK(shown() == before + 3);
  const auto pulled =
      rig.request("textDocument/diagnostic", {{"textDocument", {{"uri", "file:///w/c.cpp"}}}});
  CHECK(find_array(*find(*rig.client.reply(pulled), "result"), "items")->empty());
}

TEST_CASE("live: shutdown answers who waits and asks for nothing more", "[lsp]") {
  LiveSession rig({{"diagnostic", json::object{}}});
  rig.open("int x;\n");
  const auto waiting = rig.pull();
  rig.open("int y;\n", "file:///w/b.cpp");
  rig.say(1, answer({}));
  rig.insert({0, 0}, " ", "file:///w/b.cpp");
  rig.request("shutdown", json::object{});
  CHECK(rig.client.error_code(waiting) == -32802);
  CHECK(rig.analysis->closed == std::vector<std::string>{"/w/a.cpp", "/w/b.cpp"});
  rig.timers.advance(std::chrono::seconds(1));
  CHECK(rig.analysis->asked.size() == 2);
}

TEST_CASE("live: however it becomes known that files compile in another way, they are read so",
          "[lsp]") {
  LiveSession rig;
  rig.open("int x;\n");
  rig.say(0, answer({}));
  const auto asked_anew = [&](int times) {
    CHECK(rig.analysis->changed_commands == times);
    rig.timers.advance(std::chrono::seconds(1));
    REQUIRE(rig.analysis->asked.size() == static_cast<std::size_t>(times) + 1);
    rig.say(static_cast<std::size_t>(times), answer({}));
  };
  rig.surroundings.changed({"b.cpp"});  // says nothing of it
  CHECK(rig.analysis->changed_commands == 0);
  rig.surroundings.changed({"sub/.clangd"});
  asked_anew(1);
  rig.notify("workspace/didChangeWatchedFiles",
             {{"changes", json::array{{{"uri", "file:///w/compile_flags.txt"}, {"type", 2}}}}});
  asked_anew(2);
  rig.assistant.commands_changed = true;  // in a folder nobody watches
  rig.timers.advance(SemanticService::kLook);
  rig.run_all();
  asked_anew(3);
}

TEST_CASE("live: names are ranked by match, Clang's priority, use, and nearness", "[lsp]") {
  LiveSession rig({{"completion", {{"completionItem", {{"snippetSupport", true}}}}}});
  rig.open("void near_one(); void val_near();\nint x = va;\n");
  const auto id = rig.request(
      "textDocument/completion",
      {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(Position{1, 10})}});
  REQUIRE(rig.analysis->asked.size() == 2);
  const LiveAsk& ask = rig.analysis->asked[1].ask;
  CHECK(ask.question == LiveQuestion::kComplete);
  CHECK((ask.begin == 42 && ask.end == 44));
  LiveAnswer said = answer({});
  const auto add = [&](const char* name, std::uint32_t priority, std::int64_t uses) {
    LiveName one;
    one.name = name;
    one.priority = priority;
    said.reply.names.push_back(one);
    rig.assistant.uses.push_back(uses);
  };
  add("xvxa", 1, 99);
  add("VALUE", 50, 99);
  add("val_rare", 50, 1);
  add("val_near", 50, 1);
  add("val_often", 50, 7);
  add("val_local", 34, 0);
  said.reply.names[5].after = {{"(", false}, {"int $n", true}, {")", false}};
  said.reply.more_names = true;
  rig.say(1, said);
  const json::value list = *find(*rig.client.reply(id), "result");
  CHECK(find(list, "isIncomplete")->get_bool());
  std::vector<std::string> order;
  for (const json::value& item : *find_array(list, "items")) {
    order.emplace_back(*find_string(item, "label"));
  }
  CHECK(order == std::vector<std::string>{"val_local", "val_often", "val_near", "val_rare", "VALUE",
                                          "xvxa"});
  const json::value& first = find_array(list, "items")->at(0);
  CHECK(find_string(*find(first, "textEdit"), "newText") == "val_local(${1:int \\$n})");
  CHECK(find_string(first, "sortText") == "0000");
}

TEST_CASE("live: half an operator asks nothing; a path is completed by its last part", "[lsp]") {
  LiveSession rig;
  rig.open("a>b\n#include <sys/ty>\n");
  const auto complete = [&](Position at, const char* trigger) {
    return rig.request("textDocument/completion",
                       {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                        {"position", to_json(at)},
                        {"context",
                         {{"triggerKind", trigger == nullptr ? 1 : 2},
                          {"triggerCharacter", trigger == nullptr ? "" : trigger}}}});
  };
  const auto none = complete({0, 2}, ">");
  CHECK(find_array(*find(*rig.client.reply(none), "result"), "items")->empty());
  const auto path = complete({1, 16}, nullptr);
  REQUIRE(rig.analysis->asked.size() == 2);
  CHECK(rig.analysis->asked[1].ask.begin == 18);
  LiveAnswer said = answer({});
  said.reply.names.resize(1);
  said.reply.names[0].name = "types.h>";
  said.reply.names[0].sort = LiveNameSort::kFile;
  rig.say(1, said);
  const json::value list = *find(*rig.client.reply(path), "result");
  const json::value& edit = *find(find_array(list, "items")->at(0), "textEdit");
  CHECK(find_int(*find(*find(edit, "range"), "end"), "character") == 17);  // with the bracket
}

TEST_CASE("live: signatures with their parameters; nothing when there is no call", "[lsp]") {
  LiveSession rig(
      {{"signatureHelp",
        {{"signatureInformation", {{"parameterInformation", {{"labelOffsetSupport", true}}}}}}}});
  rig.open("int x = f(\n");
  const auto help = [&] {
    return rig.request(
        "textDocument/signatureHelp",
        {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(Position{0, 10})}});
  };
  const auto id = help();
  LiveAnswer said = answer({});
  said.reply.signatures = {{"𝛼(int a)", "Says.", {{5, 10}}}};
  rig.say(1, said);
  const json::value result = *find(*rig.client.reply(id), "result");
  const json::value& one = find_array(result, "signatures")->at(0);
  CHECK(find_string(one, "documentation") == "Says.");
  const json::value& parameter = find_array(one, "parameters")->at(0);
  CHECK(*find(parameter, "label") == json::value(json::array{3, 8}));  // in UTF-16
  const auto none = help();
  rig.say(2, answer({}));
  CHECK(find(*rig.client.reply(none), "result")->is_null());
}

TEST_CASE("live: a hover says what Clang measures, and does not wait for it for long", "[lsp]") {
  LiveSession rig;
  rig.open("struct S { int field; };\n");
  const auto hover = [&] {
    return rig.request("textDocument/hover", {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                              {"position", to_json(Position{0, 15})}});
  };
  const auto text = [&](const auto& id) {
    rig.run_all();
    REQUIRE(rig.client.reply(id) != nullptr);
    const json::value result = *find(*rig.client.reply(id), "result");
    return std::string(*find_string(*find(result, "contents"), "value"));
  };
  const auto early = hover();  // nothing was diagnosed yet: at once
  CHECK(text(early).find("size") == std::string::npos);
  rig.say(0, answer({}));
  const auto id = hover();
  REQUIRE(rig.analysis->asked.size() == 2);
  CHECK(rig.analysis->asked[1].ask.question == LiveQuestion::kDescribe);
  CHECK(rig.analysis->asked[1].ask.begin == 15);
  CHECK(rig.client.reply(id) == nullptr);
  LiveAnswer said = answer({}, CommandOrigin::kBorrowed);
  said.reply.details = {15, 20, "int field", "", 11, std::nullopt, 35, "", ""};
  rig.say(1, said);
  CHECK(text(id).find("offset 4 bytes 3 bits, size 11 bits (inferred)") != std::string::npos);
  CHECK(text(id).find("(syntactic)") != std::string::npos);  // of the place
  const auto slow = hover();
  rig.timers.advance(LiveService::kDetailsWait);
  rig.run_all();
  CHECK(text(slow).find("field") != std::string::npos);
  rig.say(2, said);  // too late: nothing happens
}

TEST_CASE("live: names that are not included yet come last, with the line that includes them",
          "[lsp]") {
  LiveSession rig;
  rig.open("int x = val");
  const auto id = rig.request(
      "textDocument/completion",
      {{"textDocument", {{"uri", "file:///w/a.cpp"}}}, {"position", to_json(Position{0, 11})}});
  REQUIRE(rig.analysis->asked.size() == 2);
  const LiveAsk& ask = rig.analysis->asked[1].ask;
  REQUIRE(ask.candidates);
  CHECK(ask.candidates().at(0).name == "val_more");
  LiveAnswer said = answer({});
  said.reply.names.resize(2);
  said.reply.names[0].name = "val_more";
  said.reply.names[0].header = "\"more.h\"";
  said.reply.names[0].edits = {{0, 0, "#include \"more.h\"\n"}};
  said.reply.names[1].name = "xvxaxl";
  said.reply.names[1].priority = 90;
  rig.say(1, said);
  const json::value list = *find(*rig.client.reply(id), "result");
  const json::array& items = *find_array(list, "items");
  CHECK(find_string(items.at(0), "label") == "xvxaxl");
  CHECK(find_string(items.at(1), "detail") == "#include \"more.h\"");
  const json::value& edit = find_array(items.at(1), "additionalTextEdits")->at(0);
  CHECK(find_string(edit, "newText") == "#include \"more.h\"\n");
}

TEST_CASE("live: hints at inclusions are hints, and none are of a guessed command", "[lsp]") {
  LiveSession rig({{"codeAction", {{"codeActionLiteralSupport", json::object{}}}}});
  rig.open("#include \"a.h\"\nint x;\n");
  UnitDiagnostic unused = error_at(0, 14, "nothing of \"a.h\" is used here");
  unused.level = DiagnosticLevel::kRemark;
  unused.option = "unused-include";
  unused.fixes = {{0, 0, 15, ""}};
  rig.say(0, answer({unused}));
  const json::value hint = rig.first_diagnostic();
  CHECK(find_int(hint, "severity") == 4);
  CHECK(find_string(hint, "code") == "unused-include");
  CHECK(*find(hint, "tags") == json::value(json::array{1}));  // shown as unnecessary
  const auto id =
      rig.request("textDocument/codeAction", {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                              {"range", *find(hint, "range")},
                                              {"context", {{"diagnostics", json::array()}}}});
  const json::value actions = *find(*rig.client.reply(id), "result");
  CHECK(find_string(actions.as_array().at(0), "title") == "remove '#include \"a.h\"'");
  rig.insert({1, 0}, " ");
  rig.timers.advance(std::chrono::seconds(1));
  rig.say(1, answer({unused, error_at(20, 21, "wrong")}, CommandOrigin::kBorrowed));
  CHECK(rig.messages() == std::vector<std::string>{"wrong"});
}

}  // namespace engram::lsp
