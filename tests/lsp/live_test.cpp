// When Clang is asked about open documents, and when no more.
#include <algorithm>

#include "tests/lsp/live_session.h"

namespace engram::lsp {

namespace {

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
  rig.timers.advance(LiveService::kLongestWait / 2 - std::chrono::milliseconds(1));
  CHECK(rig.analysis->asked.size() == 1);
  rig.timers.advance(std::chrono::milliseconds(2));  // which is half of what the whole waits for
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
  const int first = rig.analysis->changed_commands;
  CHECK(first == 1);  // when it was known which files there are
  const auto asked_anew = [&](int times) {
    CHECK(rig.analysis->changed_commands == first + times);
    rig.timers.advance(std::chrono::seconds(1));
    REQUIRE(rig.analysis->asked.size() == static_cast<std::size_t>(times) + 1);
    rig.say(static_cast<std::size_t>(times), answer({}));
  };
  rig.surroundings.changed({"b.cpp"});  // says nothing of it
  CHECK(rig.analysis->changed_commands == first);
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

}  // namespace engram::lsp
