#include "indexer/semantic/live_commands.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

// A workspace that somebody configures while a file of it is open.
struct Workspace {
  TemporaryDirectory folder;
  LiveCommands commands{{.workspace = folder.path(),
                         .database = {},
                         .approved_roots = {},
                         .drivers = {},
                         .cache = {},
                         .home = {},
                         .files = {},
                         .list_files = {}}};

  Workspace() { folder.write("a.cpp", "int a;\n"); }
  void write_database(const std::string& flag) const {
    folder.write("compile_commands.json", "[{\"directory\":\"" + folder.path().string() +
                                              "\",\"file\":\"a.cpp\",\"command\":\"g++ " + flag +
                                              " -c a.cpp\"}]");
  }
  bool has(const std::string& argument) {
    const auto found = commands.of((folder.path() / "a.cpp").string());
    REQUIRE(found);
    const auto& all = found->command.arguments;
    return std::find(all.begin(), all.end(), argument) != all.end();
  }
};

}  // namespace

TEST_CASE("live_commands: whatever says how files are compiled holds once it is written",
          "[semantic]") {
  const bool with_database = GENERATE(true, false);
  Workspace w;
  if (with_database) w.write_database("-DOLD");
  CHECK(w.has("-DOLD") == with_database);
  w.folder.write(".clangd", "CompileFlags: {Add: [-DFIRST]}\n");
  CHECK(w.has("-DFIRST"));
  w.folder.write(".clangd", "CompileFlags: {Add: [-DSECOND, -DTHIRD]}\n");
  CHECK(w.has("-DTHIRD"));
  CHECK_FALSE(w.has("-DFIRST"));
  std::filesystem::remove(w.folder.path() / ".clangd");
  CHECK_FALSE(w.has("-DTHIRD"));
  w.folder.write("compile_flags.txt", "-DLISTED\n");
  CHECK(w.has("-DLISTED") == !with_database);
  w.write_database("-DNEWER");
  CHECK(w.has("-DNEWER"));
}

TEST_CASE("live_commands: what the text imports as it is typed comes with the command",
          "[semantic][modules]") {
  Workspace w;
  w.folder.write("b.cppm", "export module b;\n");
  w.folder.write(
      "compile_commands.json",
      "[{\"directory\":\"" + w.folder.path().string() +
          "\",\"file\":\"a.cpp\",\"command\":\"g++ -std=c++20 -c a.cpp\"},{\"directory\":\"" +
          w.folder.path().string() +
          "\",\"file\":\"b.cppm\",\"command\":\"g++ -std=c++20 -c b.cppm\"}]");
  const auto modules = [&](const char* text) {
    const auto found = w.commands.of(
        OpenFile{(w.folder.path() / "a.cpp").string(), std::make_shared<const std::string>(text)});
    REQUIRE(found);
    return found->command.modules;
  };
  CHECK(modules("int a;\n").empty());
  REQUIRE(modules("import b;\n").size() == 1);
  CHECK(modules("import b;\n")[0].name == "b");
  CHECK(modules("import c;\n").empty());
}

}  // namespace engram
