#include "indexer/commands/clangd_settings.h"

#include <regex>

#include "indexer/commands/yaml.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

using Arguments = std::vector<std::string>;

TEST_CASE("yaml: documents become JSON values; what multiplies, nests or ends early is refused") {
  const auto documents = parse_yaml("a: [x, 'y z']\nb:\n  c: 1\n---\n- q\n", "f");
  REQUIRE(documents);
  REQUIRE(documents->size() == 2);
  CHECK(to_json((*documents)[0]) == R"({"a":["x","y z"],"b":{"c":"1"}})");
  CHECK(to_json((*documents)[1]) == R"(["q"])");
  CHECK(parse_yaml("", "f")->empty());
  struct Case {
    std::string text;
    const char* why;
  };
  const auto c = GENERATE(values<Case>({{"a: &x [1]\nb: *x\n", "f:1: anchors are not read"},
                                        {"a: [1\nb: 2\n", "f:2: "},
                                        {"a: 1\n\tb: 2\n", "f:2: "},
                                        {"[a]: 1\n", "f:1: a key must be a word"},
                                        {std::string(100, '['), "f:1: nested too deeply"},
                                        {std::string("a: \x01", 4), "control characters"}}));
  INFO(c.text);
  const auto refused = parse_yaml(c.text, "f");
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Matchers::ContainsSubstring(c.why));
  CHECK(refused.error().message.find('\n') == std::string::npos);
}

TEST_CASE(
    "clangd settings: patterns agree with regular expressions, and the others are said to be") {
  for (const char* pattern : {".*\\.h", "src/.*", "^test/.+\\.cpp$", "a|b.*|.*c", "x*y", ".", ""}) {
    for (const char* text : {"", "a", "bcd", "src/a.cpp", "test/.cpp", "test/a.cpp", "x.h", "xh",
                             "xxy", "y", "abc", "test/a.cppx"}) {
      bool known = false;
      INFO(pattern << " on " << text);
      CHECK(matches_simple_pattern(pattern, text, known) ==
            std::regex_match(text, std::regex(pattern)));
      CHECK(known);
    }
  }
  for (const char* pattern : {"(a+)+$", "[ab]", "\\w", "a{3}", "a|(b)", "a**", "a?", "\\"}) {
    bool known = true;
    CHECK_FALSE(matches_simple_pattern(pattern, "a", known));
    CHECK_FALSE(known);
  }
  bool known = true;  // what takes a backtracking matcher ages
  std::string many;
  for (int i = 0; i < 200; ++i) many += ".*a";
  CHECK_FALSE(matches_simple_pattern(many, std::string(4000, 'a') + "b", known));
}

TEST_CASE("clangd settings: flags are removed and added by folder and path") {
  const TemporaryDirectory directory;
  directory.write(".clangd", R"(
CompileFlags:
  Add: [-DROOT, -std=c++20]
  Remove: [-W*, -I, -march=native]
  CompilationDatabase: build/x
---
If: {PathMatch: .*\.cu, PathExclude: ["old/.*"]}
CompileFlags: {Add: -DCUDA, Compiler: nvcc}
---
Diagnostics: {Suppress: "*"}
)");
  directory.write("sub/.clangd", "CompileFlags: {Add: [-DSUB]}");
  const auto settings = read_clangd_settings(directory.path(), {"", "sub"});
  CHECK(settings.messages().empty());
  const std::string root = directory.path().string();
  REQUIRE(settings.fragments().size() == 3);
  CHECK(settings.fragments()[0].database == root + "/build/x");
  const auto applied = [&](const std::string& file, Arguments arguments) {
    settings.apply(root + file, arguments);
    return arguments;
  };
  CHECK(applied("/a.cpp",
                {"g++", "-Wall", "-I", "x", "-Iy", "-march=native", "-O2", "--", "a.cpp"}) ==
        Arguments{"g++", "-O2", "-DROOT", "-std=c++20", "--", "a.cpp"});
  CHECK(applied("/k.cu", {"g++", "k.cu"}) ==
        Arguments{"nvcc", "k.cu", "-DROOT", "-std=c++20", "-DCUDA"});
  CHECK(applied("/old/k.cu", {"g++"}) == Arguments{"g++", "-DROOT", "-std=c++20"});
  CHECK(applied("/sub/a.cpp", {"g++"}) == Arguments{"g++", "-DROOT", "-std=c++20", "-DSUB"});
  CHECK(applied("bling/a.cpp", {"g++"}) == Arguments{"g++"});  // another folder
}

TEST_CASE("clangd settings: a faulty file is one message, and none is needed") {
  const TemporaryDirectory directory;
  CHECK(read_clangd_settings(directory.path()).messages().empty());
  directory.write(".clangd", "CompileFlags: [\n");
  CHECK(read_clangd_settings(directory.path()).messages().size() == 1);
  directory.write(".clangd", "If: {PathMatch: '(a+)+'}\nCompileFlags: {Add: -DX}\n");
  const auto settings = read_clangd_settings(directory.path());
  CHECK(settings.fragments().empty());
  REQUIRE(settings.messages().size() == 1);
  CHECK_THAT(settings.messages()[0],
             Catch::Matchers::ContainsSubstring("its pattern '(a+)+' is not read"));
}

}  // namespace engram
