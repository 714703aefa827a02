// Members that are used must exist: which words they are, and what is known.
#include <random>

#include "assist/engrams/recall.h"
#include "assist/engrams/sync.h"
#include "assist/recall/recall_memory.h"
#include "assist/recall/used_members.h"
#include "indexer/pipeline.h"
#include "memory/identifiers/identifier_sync.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

// What is found of `text`, in which '|' marks where what is new begins.
std::string used(std::string text) {
  const std::size_t from = std::min(text.find('|'), text.size());
  if (from < text.size()) text.erase(from, 1);
  std::string out;
  for (const std::string_view name : used_members(text, from)) {
    out += (out.empty() ? "" : " ") + std::string(name);
  }
  return out;
}

}  // namespace

TEST_CASE("used members: what stands before a word says whether it must exist", "[assist]") {
  const std::pair<const char*, const char*> lines[] = {
      {"x = shape.ar|ea", "area"},
      {"x = shape.ar|ea();", "area"},
      {"x = shape.area|()", ""},
      {"shape->|width = height.most", "width most"},
      {"std::|move(value)", "move"},
      {"get().|first[second].third", "first third"},
      {"  .|filter(keep)", "filter"},
      {"value?.|length", "length"},
      {"|value!.length", "length"},
      {"Widget |widget(one, two);", ""},
      {"def |measure(shape):", ""},
      {"a = 1.|25f + 0x1.fff", ""},
      {"for i in 0..|count", ""},
      {"say(\"this.|that\")", ""},
      {"say(\"this\").|that(\"a\\\"b.most\")", "that"},
      {"call(); // see |this.that", ""},
      {"x = y  # see this.|that", ""},
      {"import this.|that", ""},
      {"#include <this.|that>", ""},
      {"use this::|that;", ""},
      {" * of this.|that", ""},
      {"fn take<'a>(&'a self) { self.|name }", "name"},
      {"don't.say(this.|that)", "that"},
      {"x.|ab", ""},
      {"x.old\ny.|newer", "newer"},
      {"y.old|er\n  z.most = 1;\n", "older most"},
      {"", ""},
  };
  for (const auto& [text, expected] : lines) {
    INFO(text);
    CHECK(used(text) == expected);
  }
}

TEST_CASE("used members: no bytes are too strange", "[assist]") {
  std::mt19937 random(11);
  const std::string_view kinds = "ab1_.:->\"'`\\/#*= \t\n\r(\x80\xff";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t n = random() % 40; n > 0; --n) text += kinds[random() % kinds.size()];
    const std::size_t from = random() % (text.size() + 1);
    for (const std::string_view name : used_members(text, from)) {
      const auto begin = static_cast<std::size_t>(name.data() - text.data());
      CHECK((begin > 0 && name.size() >= 3 && begin + name.size() > from));
    }
  }
}

TEST_CASE("known names: the repository's and the text's, of what stands for the file none",
          "[assist]") {
  TemporaryDirectory dir;
  dir.write("tree/shape.h", "struct Shape { int width; int area(); };\n");
  dir.write("tree/use.cpp",
            "#include \"shape.h\"\nint f(Shape& s) { int onlyhere = 1; return "
            "s.width + onlyhere; }\n");
  dir.write("tree/copy.cpp", "int g() { int onlycopied = 2; return onlycopied; }\n");
  for (const char* path : {"tree/twin.cpp", "tree/lib/twin.cpp"}) {
    dir.write(path, "int h() { int intwins = 3; return intwins; }\n");
  }
  const auto store = dir.path() / "store";
  REQUIRE(index_workspace(dir.path() / "tree", store, {}));
  REQUIRE(sync_identifiers(store));
  const auto tokenizer =
      tiny_tokenizer({.pre = "qwen2", .merges = {{"a", "b"}}, .control = {}, .user_defined = {}});
  RecallMemory memory(tokenizer, store);
  const std::string text = "int f(Shape& s) { int renamed = 1;\nreturn s.\n; }\n";
  RecallMemory::Place place;
  place.path = "use.cpp";
  place.text = text;
  place.begin = text.find("return");
  place.end = text.find("s.\n") + 2;
  auto names = memory.names(place);
  for (const char* known : {"Shape", "width", "area", "renamed", "onlycopied", "await"}) {
    INFO(known);
    CHECK(names->knows(known));
  }
  for (const char* unknown : {"onlyhere", "height", "widt", "widths", ""}) {
    INFO(unknown);
    CHECK_FALSE(names->knows(unknown));
  }
  CHECK(memory.names(place) == names);  // kept
  place.excluded_paths = {"copy.cpp"};
  names = memory.names(place);
  CHECK_FALSE(names->knows("onlycopied"));
  // One of two files with the same content is edited: the other still has its names.
  place.path = "twin.cpp";
  place.excluded_paths = {};
  CHECK(memory.names(place)->knows("intwins"));
  place.excluded_paths = {"lib/twin.cpp"};
  CHECK_FALSE(memory.names(place)->knows("intwins"));
  // Saved under another name it counts again.
  place.path = "other.cpp";
  place.excluded_paths = {};
  CHECK(memory.names(place)->knows("onlyhere"));

  // Another document that is open and was edited.
  const auto unsaved = [](std::string of) {
    return std::vector<OpenBuffer>{
        {"copy.cpp", std::make_shared<const std::string>(std::move(of))}};
  };
  REQUIRE(sync_engrams(store, *tokenizer, {}));
  const auto edited = unsaved("int g() { int freshly = 2; return freshly; }\n");
  place.open = edited;
  names = memory.names(place);
  CHECK(names->knows("freshly"));
  CHECK_FALSE(names->knows("onlycopied"));

  memory.set_store(dir.path() / "nowhere");
  names = memory.names(place);
  CHECK(names->knows("renamed"));
  CHECK_FALSE(names->knows("width"));
}

TEST_CASE("recall memory: another open document that was edited stands in for its file",
          "[assist]") {
  TemporaryDirectory dir;
  const std::string saved = "void f() {\n  call(alpha, old_end);\n}\n";
  dir.write("tree/a.cpp", "int x;\n");
  dir.write("tree/b.cpp", saved);
  dir.write("tree/third_party/c.cpp", "int y;\n");
  const auto store = dir.path() / "store";
  REQUIRE(index_workspace(dir.path() / "tree", store, {}));
  const auto tokenizer =
      tiny_tokenizer({.pre = "qwen2", .merges = {{"a", "b"}}, .control = {}, .user_defined = {}});
  REQUIRE(sync_engrams(store, *tokenizer, {}));
  RecallMemory memory(tokenizer, store);
  RecallMemory::Place place;
  place.path = "a.cpp";
  place.text = "int x;\n";
  place.begin = place.end = place.text.size();
  std::vector<OpenBuffer> open;
  const auto next = [&] {
    place.open = open;
    const auto view = memory.view(place);
    std::vector<std::string> out;
    for (const auto& c : recall(*view, *tokenizer, "  call(alpha, ").continuations) {
      out.push_back(c.text);
      for (const EngramSource& s : c.sources) out.push_back(s.path + std::to_string(s.line));
    }
    return out;
  };
  const auto shows = [&](std::string path, std::string text) {
    open = {{std::move(path), std::make_shared<const std::string>(std::move(text))}};
    return next();
  };
  const auto shows_neither = [&](std::string text) {
    for (const std::string& shown : shows("b.cpp", std::move(text))) {
      CHECK(shown.find("_end") == std::string::npos);
    }
  };
  using Texts = std::vector<std::string>;
  CHECK(next() == Texts{"old_end);", "b.cpp2"});
  CHECK(shows("b.cpp", saved) == Texts{"old_end);", "b.cpp2"});
  CHECK(shows("b.cpp", "\n\n\nvoid f() {\n  call(alpha, new_end);\n") ==
        Texts{"new_end);", "b.cpp5"});
  const auto kept = memory.view(place);
  CHECK(memory.view(place) == kept);
  shows_neither("int z;\n");
  const std::string secret = "key = 'AKIA" + std::string("Q7RKZT4X9VLP4WSB") + "';\n";
  shows_neither(secret + "  call(alpha, new_end);\n");
  // Not the project's own, or not remembered: as saved.
  for (const char* path : {"third_party/c.cpp", "new.cpp"}) {
    CHECK(shows(path, "  call(alpha, new_end);\n") == Texts{"old_end);", "b.cpp2"});
  }
  place.excluded_paths = {"b.cpp"};
  shows_neither("  call(alpha, new_end);\n");
}

}  // namespace engram
