#include "indexer/commands/find_databases.h"

#include <chrono>
#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> reasons(const DatabaseSearch& search, const fs::path& root) {
  std::vector<std::string> out;
  for (const FoundDatabase& found : search.found) {
    out.push_back(found.file.lexically_relative(root).string() + ": " + found.reason);
  }
  return out;
}

void age(const fs::path& file, int hours) {
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(hours));
}

}  // namespace

TEST_CASE("find databases: the workspace, its build folders by age, its presets, and above") {
  const TemporaryDirectory directory;
  const fs::path& root = directory.path();
  for (const char* folder : {"w/build/release", "w/build/asan", "w/cmake-build-debug",
                             "w/elsewhere", "w/src", "w/never/b", "."}) {
    directory.write(std::string(folder) + "/compile_commands.json", "[]");
  }
  directory.write("w/CMakePresets.json", R"({"version": 6, "configurePresets": [
    {"name": "base", "hidden": true, "binaryDir": "${sourceDir}/${presetName}"},
    {"name": "elsewhere", "inherits": ["none", "base"]},
    {"name": "env", "binaryDir": "$env{HOME}/b"},
    {"name": "loop", "inherits": "loop"}]})");
  age(root / "w/build/release/compile_commands.json", 1);
  age(root / "w/elsewhere/compile_commands.json", 2);
  age(root / "w/build/asan/compile_commands.json", 3);
  age(root / "w/cmake-build-debug/compile_commands.json", 4);
  const auto search = find_compile_databases(root / "w", {}, "/nobody/home");
  CHECK(reasons(search, root) ==
        std::vector<std::string>{"w/build/release/compile_commands.json: build folder",
                                 "w/elsewhere/compile_commands.json: preset 'elsewhere'",
                                 "w/build/asan/compile_commands.json: build folder",
                                 "w/cmake-build-debug/compile_commands.json: build folder",
                                 "compile_commands.json: above the workspace"});
  REQUIRE(search.messages.size() == 1);
  CHECK(search.messages[0] == "preset 'env': binaryDir '$env{HOME}/b' depends on the environment");
  directory.write("w/compile_commands.json", "[]");
  CHECK(reasons(find_compile_databases(root / "w", {(root / "w/src").string()}, root), root) ==
        std::vector<std::string>{"w/src/compile_commands.json: .clangd",
                                 "w/compile_commands.json: workspace",
                                 "w/build/release/compile_commands.json: build folder",
                                 "w/elsewhere/compile_commands.json: preset 'elsewhere'",
                                 "w/build/asan/compile_commands.json: build folder",
                                 "w/cmake-build-debug/compile_commands.json: build folder"});
}

TEST_CASE("find databases: a folder outside that the repository names must be a build of it") {
  const TemporaryDirectory directory;
  const fs::path& root = directory.path();
  directory.write("w/a.cpp", "");
  directory.write("mine/compile_commands.json", "[]");
  directory.write("mine/CMakeCache.txt",
                  "# x\nCMAKE_HOME_DIRECTORY:INTERNAL=" + (root / "w").string() + "\nY:STRING=z\n");
  directory.write("other/compile_commands.json", "[]");
  directory.write("other/CMakeCache.txt", "# x\nCMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\n");
  fs::create_symlink(root / "mine/compile_commands.json", root / "w/compile_commands.json");
  auto search = find_compile_databases(root / "w", {(root / "other").string()}, root);
  REQUIRE(search.found.size() == 1);
  CHECK(search.found[0].folder == fs::weakly_canonical(root / "mine"));
  REQUIRE(search.messages.size() == 1);
  CHECK_THAT(search.messages[0], Catch::Matchers::ContainsSubstring("other/compile_commands.json"));
  fs::remove(root / "w/compile_commands.json");
  fs::create_symlink(root / "other/compile_commands.json", root / "w/compile_commands.json");
  search = find_compile_databases(root / "w", {}, root);
  CHECK(search.found.empty());
  CHECK(search.messages.size() == 1);
}

TEST_CASE("find databases: hostile presets are a message, not a fault") {
  const TemporaryDirectory directory;
  for (const char* text :
       {"{", "[]", R"({"configurePresets": 1})", R"({"configurePresets": [1, {}]})",
        R"({"configurePresets": [{"name": "a", "binaryDir": "${x"}]})",
        R"({"configurePresets": [{"name": "a", "binaryDir": "/etc"}]})"}) {
    directory.write("CMakePresets.json", text);
    CHECK(find_compile_databases(directory.path(), {}, "/nobody/home").found.empty());
  }
}

}  // namespace engram
