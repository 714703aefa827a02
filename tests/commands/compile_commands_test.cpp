#include "indexer/commands/compile_commands.h"

#include <algorithm>
#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

struct Workspace {
  TemporaryDirectory directory;
  std::string root = fs::weakly_canonical(directory.path() / "w").string();

  void database(const std::string& entries) const {
    std::string text = "[" + entries + "]";
    for (std::size_t at = 0; (at = text.find("$W", at)) != std::string::npos;) {
      text.replace(at, 2, root);
    }
    directory.write("w/build/compile_commands.json", text);
  }
  std::unique_ptr<CompileCommands> open(std::vector<std::string> files = {}) const {
    CompileCommandsOptions options;
    options.workspace = root;
    options.home = directory.path();
    options.cache = directory.path() / "cache";
    options.files.all = std::move(files);
    auto opened = CompileCommands::open(std::move(options));
    REQUIRE(opened);
    return *std::move(opened);
  }
};

bool has(const CompileCommand& command, const std::string& argument) {
  return std::find(command.arguments.begin(), command.arguments.end(), argument) !=
         command.arguments.end();
}

}  // namespace

TEST_CASE("compile commands: every configuration of a file, and what is wrong is listed") {
  const Workspace w;
  for (const char* file : {"a.cpp", "b.c", "x.s"})
    w.directory.write("w/src/" + std::string(file), "");
  w.directory.write("w/build/generated.cpp", "");
  w.directory.write("outside.cpp", "");
  w.database(
      R"({"directory": "$W/build", "file": "../src/a.cpp", "command": "g++ -DA -c ../src/a.cpp"},
    {"directory": "$W/build", "file": "$W/src/a.cpp", "command": "g++ -DB -fplugin=x.so -c ../src/a.cpp"},
    {"directory": "$W/build", "file": "../src/a.cpp", "command": "g++ -DA -c ../src/a.cpp"},
    {"directory": "$W/build", "file": "generated.cpp", "command": "g++ generated.cpp"},
    {"directory": "$W/build", "file": "../src/b.c", "command": "gcc -I/etc ../src/b.c"},
    {"directory": "$W/build", "file": "../src/x.s", "command": "gcc ../src/x.s"},
    {"directory": "$W/build", "file": "../src/gone.cpp", "command": "g++ ../src/gone.cpp"},
    {"directory": "/elsewhere", "file": "a.cpp", "command": "g++ a.cpp"},
    {"directory": "$W/build", "file": "../../outside.cpp", "command": "g++ ../../outside.cpp"},
    {"directory": "$W/build"})");
  const auto commands = w.open();
  const auto a = commands->commands_for(w.root + "/src/a.cpp");
  REQUIRE(a.size() == 2);
  CHECK(has(a[0], "-DA"));
  CHECK(has(a[1], "-DB"));
  CHECK(a[0].origin == CommandOrigin::kExact);
  CHECK(best_certainty(a[0]) == Certainty::kSemantic);
  CHECK(a[0].source == w.root + "/build/compile_commands.json");
  CHECK(commands->files() == std::vector<std::string>{w.root + "/build/generated.cpp",
                                                      w.root + "/src/a.cpp", w.root + "/src/b.c"});
  const CompileCommandsReport& report = commands->report();
  CHECK(report.reason == "build folder");
  CHECK(report.entries == 9);
  CHECK(report.several == 1);
  CHECK(report.missing_files == 1);
  CHECK(report.outside_files == 2);
  CHECK(report.other_languages == 1);
  CHECK(report.faulty == 1);
  CHECK(report.examples.size() == 4);
  CHECK(report.examples[0] == w.root + "/src/gone.cpp: there is no such file");
  CHECK(report.flags.names(FlagFate::kRefused)[0] ==
        std::pair<std::string, std::size_t>("-fplugin=", 1));
  CHECK(report.flags.names(FlagFate::kOutside)[0].first == "-I /etc");
  CHECK(commands->commands_for("/etc/passwd.h").empty());
  CHECK(commands->commands_for(w.root + "/notes.txt").empty());
}

TEST_CASE("compile commands: a header borrows from who includes it, else from the most similar") {
  const Workspace w;
  for (const char* file : {"a.cpp", "b.cpp", "a.h"})
    w.directory.write("w/src/" + std::string(file), "");
  w.database(
      R"({"directory": "$W/build", "file": "../src/a.cpp", "command": "g++ -DA ../src/a.cpp"},
    {"directory": "$W/build", "file": "../src/b.cpp", "command": "g++ -DB ../src/b.cpp"})");
  const auto commands = w.open();
  const std::string header = w.root + "/src/a.h";
  const auto similar = commands->commands_for(header);
  REQUIRE(similar.size() == 1);
  CHECK(has(similar[0], "-DA"));
  CHECK(similar[0].origin == CommandOrigin::kBorrowed);
  const auto including = commands->commands_for(header, [&](const std::string& file) {
    CHECK(file == header);
    return std::vector<std::string>{w.root + "/no_entry.cpp", w.root + "/src/b.cpp"};
  });
  REQUIRE(including.size() == 1);
  CHECK(has(including[0], "-DB"));
  CHECK(including[0].source == w.root + "/src/b.cpp");
}

TEST_CASE("compile commands: compile_flags.txt and .clangd") {
  const Workspace w;
  w.directory.write("w/compile_flags.txt", "-DROOT\n\n  -I\ninc\r\n-fplugin=x.so\n");
  w.directory.write("w/sub/compile_flags.txt", "-DSUB\n");
  w.directory.write("w/.clangd",
                    "CompileFlags: {Add: [-DCLANGD, -Xclang, -load], Remove: -DROOT}\n");
  const auto commands = w.open();
  const auto a = commands->commands_for(w.root + "/a.cpp");
  REQUIRE(a.size() == 1);
  CHECK(a[0].origin == CommandOrigin::kInferred);
  CHECK(a[0].source == w.root + "/compile_flags.txt");
  CHECK(has(a[0], "-I" + w.root + "/inc"));
  CHECK(has(a[0], "-DCLANGD"));
  CHECK_FALSE(has(a[0], "-DROOT"));
  CHECK_FALSE(has(a[0], "-load"));
  CHECK_FALSE(has(a[0], "-fplugin=x.so"));
  CHECK(has(commands->commands_for(w.root + "/sub/deep/b.c")[0], "-DSUB"));
}

TEST_CASE("compile commands: without any of it, include roots are guessed from the tree") {
  const Workspace w;
  w.directory.write("w/CMakeLists.txt", "set(CMAKE_CXX_STANDARD 23)\nset(CMAKE_C_STANDARD 11)\n");
  w.directory.write("w/lib/inc/lib/a.h", "#pragma once\n#include \"detail.h\"\n");
  w.directory.write("w/lib/inc/lib/detail.h", "");
  w.directory.write("w/app/main.cpp",
                    "#include <lib/a.h>\n # include \"local.h\"\n#include <vector>\n"
                    "#include \"app/top.h\"\n#include \"../../etc/x.h\"\n");
  w.directory.write("w/app/local.h", "");
  w.directory.write("w/app/top.h", "");
  w.directory.write("w/app/c.c", "#include \"lib/a.h\"\n#include <stdint.h>\n#include \"odd.h\"\n");
  w.directory.write("w/compat/stdint.h", "#error for another compiler\n");
  w.directory.write("w/compat/odd.h", "");
  const auto commands =
      w.open({"CMakeLists.txt", "app/c.c", "app/local.h", "app/main.cpp", "app/top.h",
              "compat/odd.h", "compat/stdint.h", "lib/inc/lib/a.h", "lib/inc/lib/detail.h"});
  const auto main = commands->commands_for(w.root + "/app/main.cpp");
  REQUIRE(main.size() == 1);
  CHECK(main[0].origin == CommandOrigin::kInferred);
  CHECK(has(main[0], "-I" + w.root + "/lib/inc"));
  CHECK(has(main[0], "-I" + w.root));
  CHECK(has(main[0], "-std=gnu++23"));
  CHECK_FALSE(has(main[0], "-I" + w.root + "/app"));
  const auto c = commands->commands_for(w.root + "/app/c.c")[0];
  CHECK(has(c, "-std=gnu11"));
  CHECK_FALSE(has(c, "-I" + w.root + "/compat"));
  const auto late = std::find(c.arguments.begin(), c.arguments.end(), "-idirafter");
  REQUIRE(late != c.arguments.end());
  CHECK(*(late + 1) == w.root + "/compat");
  CHECK(commands->report().database.empty());
}

TEST_CASE(
    "compile commands: a faulty database that was found is a message, one that was named an "
    "error") {
  const Workspace w;
  w.directory.write("w/a.cpp", "");
  w.directory.write("w/compile_commands.json", "[{\"directory\": \"/");
  w.database(R"({"directory": "$W", "file": "a.cpp", "command": "g++ -DGOOD a.cpp"})");
  const auto commands = w.open();
  CHECK(commands->report().messages.size() == 1);
  CHECK(commands->report().reason == "build folder");
  CHECK(has(commands->commands_for(w.root + "/a.cpp")[0], "-DGOOD"));
  CompileCommandsOptions options;
  options.workspace = w.root;
  options.database = w.root;
  CHECK(CompileCommands::open(options).error().code == Errc::kInvalidArgument);
  options.database = w.root + "/none";
  CHECK(CompileCommands::open(options).error().code == Errc::kNotFound);
  options.database = w.root + "/build";
  CHECK(CompileCommands::open(options).operator*()->file_count() == 1);
}

TEST_CASE("command table: what entries share is kept once") {
  CommandTable table;
  CompileCommand command;
  command.directory = "/w";
  for (int i = 0; i < 1000; ++i) {
    command.file = "/w/" + std::to_string(i) + ".cpp";
    command.arguments = {"clang++", "-DX", i % 2 == 0 ? "-DEVEN" : "-DODD", command.file};
    CHECK(table.add(command));
    CHECK_FALSE(table.add(command));
    CHECK(table.of(command.file) == std::vector<CompileCommand>{command});
  }
  CHECK(table.command_count() == 1000);
  CHECK(table.argument_lists() == 2);
}

}  // namespace engram
