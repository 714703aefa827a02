// Units of workspaces without a compile database: whoever guessed them, Clang must compile them.
#include <algorithm>
#include <filesystem>

#include "indexer/commands/compile_commands.h"
#include "tests/commands/run_program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

struct Tree {
  TemporaryDirectory directory;
  std::string root = fs::weakly_canonical(directory.path()).string();
  WorkspaceFiles files;

  void write(const std::string& path, const std::string& text) {
    directory.write(path, text);
    files.all.push_back(path);
    if (path.ends_with(".c") || path.ends_with(".cpp")) files.sources.push_back(path);
  }
  std::unique_ptr<CompileCommands> open(std::size_t most = kMostGuessedUnits) const {
    CompileCommandsOptions options;
    options.workspace = root;
    options.home = root;
    options.files = files;
    options.most_guessed = most;
    auto opened = CompileCommands::open(std::move(options));
    REQUIRE(opened);
    return *std::move(opened);
  }
};

// What clang++-19 says to exactly these arguments; empty when it is content.
std::string complaints(const CompileCommand& command) {
  std::string line = "cd " + shell_quoted(command.directory) + " && clang++-19 ";
  for (std::size_t i = 1; i < command.arguments.size(); ++i) {
    line += shell_quoted(command.arguments[i]) + " ";
  }
  return run_program(line + "2>&1").first;
}

bool has(const CompileCommand& command, const std::string& argument) {
  const auto& a = command.arguments;
  return std::find(a.begin(), a.end(), argument) != a.end();
}

// Two libraries with headers of one name, a platform's macro, an include folder beside each.
void write_project(Tree& t) {
  t.write("CMakeLists.txt",
          "set(CMAKE_CXX_STANDARD 17)\nif(WIN32)\nadd_definitions(-DON_WINDOWS)\n"
          "else()\nadd_definitions(-DON_POSIX)\nendif()\n");
  t.write("port/port.h",
          "#if defined(ON_WINDOWS)\n#error not here\n#elif defined(ON_POSIX)\n"
          "#include \"port/posix.h\"\n#endif\n");
  t.write("port/posix.h", "struct Mutex {};\n");
  t.write("one/include/common/config.h",
          "#pragma once\n#include <common/more.h>\nstruct One : More {};\n");
  t.write("one/include/common/more.h", "#pragma once\nstruct More {};\n");
  t.write("two/include/common/config.h", "#pragma once\nstruct Two {};\n");
  t.write("one/src/one.cpp",
          "#include <common/config.h>\n#include \"port/port.h\"\nOne one; Mutex m;\n");
  t.write("two/src/two.cpp",
          "#include <common/config.h>\n#include <string>\nTwo two; std::string s;\n");
  t.write("two/CMakeLists.txt", "add_compile_definitions(TWO_INSIDE=2)\n");
  t.write("two/src/inside.cpp", "static_assert(TWO_INSIDE == 2 && __cplusplus == 201703L);\n");
  t.write("c/plain.c", "#include <stdint.h>\nint plain(register int new) { return new; }\n");
}

}  // namespace

TEST_CASE("guessed units: Clang compiles each with its guess, and they say that they are one") {
  Tree t;
  write_project(t);
  const auto commands = t.open();
  CHECK(commands->guesses());
  CHECK(commands->file_count() == 4);
  CHECK(commands->files().size() == 4);
  for (const std::string& file : commands->files()) {
    INFO(file);
    CHECK(commands->is_unit(file));
    const auto command = commands->commands_for(file);
    REQUIRE(command.size() == 1);
    CHECK(command[0].origin == CommandOrigin::kInferred);
    CHECK(best_certainty(command[0]) == Certainty::kInferred);
    CHECK(complaints(command[0]) == "");
  }
  CHECK_FALSE(commands->is_unit(t.root + "/port/port.h"));
  CHECK_FALSE(commands->is_unit(t.root + "/none.cpp"));
}

TEST_CASE("guessed units: a command depends on what its file includes alone") {
  Tree t;
  write_project(t);
  const auto before = t.open()->commands_for(t.root + "/two/src/two.cpp");
  t.write("three/deep/include/three/x.h", "");
  for (int i = 0; i < 20; ++i) {
    t.write("three/" + std::to_string(i) + ".cpp",
            "#include <three/x.h>\n#include <common/config.h>\n");
  }
  CHECK(t.open()->commands_for(t.root + "/two/src/two.cpp") == before);
  const auto of_three = t.open()->commands_for(t.root + "/three/7.cpp");
  CHECK(has(of_three[0], "-I" + t.root + "/three/deep/include"));
}

TEST_CASE("guessed units: cyclic inclusions, huge and binary files end") {
  Tree t;
  t.write("a.cpp", "#include \"in/b.h\"\n");
  t.write("lib/in/b.h", "#include <in/c.h>\n#include <in/b.h>\n");
  t.write("lib/in/c.h", "#include <in/b.h>\n");
  t.write("big.cpp", std::string(5 << 20, '#') + "\n#include <in/b.h>\n");
  t.write("odd.cpp",
          std::string("#include \"\0\xff/../../b.h\"\n#include <>\n#include \"in/b.h", 44));
  t.write("up.cpp", "#include \"../../../etc/passwd\"\n#include \"/etc/passwd\"\n");
  t.write("Makefile", std::string(3 << 20, '\xfe') + "-std=c++14");
  t.write("CMakeLists.txt", "set(CMAKE_CXX_STANDARD \"$(id) -fplugin=x.so\")\n");
  t.write("meson.build", "cpp_std=c++14;rm -std=c++17`id` @response -std=gnu++99999");
  const auto commands = t.open();
  const auto a = commands->commands_for(t.root + "/a.cpp");
  CHECK(has(a[0], "-I" + t.root + "/lib"));
  CHECK(has(a[0], "-std=gnu++17"));
  for (const std::string& file : commands->files()) {
    const CompileCommand command = commands->commands_for(file).at(0);
    for (const std::string& word : command.arguments) {
      CHECK(word.find_first_of("$`;@") == std::string::npos);
      CHECK(word.find("/etc") == std::string::npos);
    }
  }
}

TEST_CASE("guessed units: a database, or flags that somebody wrote, take the guess's place") {
  Tree t;
  write_project(t);
  CHECK_FALSE(t.open(0)->guesses());
  t.directory.write("two/compile_flags.txt", "-DBY_HAND\n");
  CHECK(has(t.open()->commands_for(t.root + "/two/src/two.cpp")[0], "-DBY_HAND"));
  t.directory.write(
      "compile_commands.json",
      R"([{"directory":")" + t.root + R"(","file":"c/plain.c","command":"cc c/plain.c"}])");
  const auto commands = t.open();
  CHECK_FALSE(commands->guesses());
  CHECK(commands->files() == std::vector<std::string>{t.root + "/c/plain.c"});
  // Sources without an entry are no units; an open one borrows.
  CHECK_FALSE(commands->is_unit(t.root + "/one/src/one.cpp"));
  CHECK(commands->commands_for(t.root + "/one/src/one.cpp")[0].origin == CommandOrigin::kBorrowed);
}

}  // namespace engram
