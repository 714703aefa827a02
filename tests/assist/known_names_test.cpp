// Members that are used must exist: which words they are, and what is known.
#include <random>

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
  // Saved under another name it counts again.
  place.path = "other.cpp";
  place.excluded_paths = {};
  CHECK(memory.names(place)->knows("onlyhere"));

  memory.set_store(dir.path() / "nowhere");
  names = memory.names(place);
  CHECK(names->knows("renamed"));
  CHECK_FALSE(names->knows("width"));
}

}  // namespace engram
