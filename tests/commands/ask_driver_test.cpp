#include "indexer/commands/ask_driver.h"

#include <algorithm>
#include <filesystem>

#include "indexer/commands/compile_commands.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// A compiler of the test's own: prints `text` to stderr, then does `more`.
fs::path driver(const TemporaryDirectory& directory, const std::string& text,
                const std::string& more = "") {
  directory.write("cc", "#!/bin/sh\ncat >&2 <<'END'\n" + text + "\nEND\n" + more + "\n");
  fs::permissions(directory.path() / "cc", fs::perms::owner_all);
  return directory.path() / "cc";
}

}  // namespace

TEST_CASE("ask driver: the folders of g++ and clang++ are those their layout says") {
  const Toolchain toolchain = read_toolchain();
  const auto clang = ask_driver("/usr/bin/clang++-19");
  REQUIRE(clang);
  CHECK(clang->cxx == toolchain.system_headers({.cxx = true}));
  CHECK(clang->c == toolchain.system_headers({.cxx = false}));
}

TEST_CASE("ask driver: what is no answer, or comes too late, is one line") {
  const TemporaryDirectory directory;
  CHECK(ask_driver("relative/cc").error().code == Errc::kInvalidArgument);
  CHECK(ask_driver(directory.path() / "none").error().code == Errc::kNotFound);
  CHECK(ask_driver(driver(directory, "hello")).error().code == Errc::kCorrupt);
  const auto late = ask_driver(driver(directory, "", "exec /usr/bin/tail -f /dev/null"),
                               std::chrono::milliseconds(50));
  CHECK(late.error().code == Errc::kBusy);
  CHECK(late.error().message == "cannot ask '" + (directory.path() / "cc").string() +
                                    "' for its include folders: it did not answer in time");
}

TEST_CASE("ask driver: only a driver that the user named is asked, and none of the workspace's") {
  const TemporaryDirectory elsewhere, workspace;
  fs::create_directories(elsewhere.path() / "sdk/include");
  const fs::path real = fs::weakly_canonical(elsewhere.path());
  const std::string answer = "#include <...> search starts here:\n " +
                             (real / "sdk/include").string() +
                             "\n /no/such/folder\nEnd of search list.";
  const fs::path cc = driver(elsewhere, answer, "touch " + (real / "ran").string());
  const fs::path own = driver(workspace, answer, "touch " + (real / "own_ran").string());
  workspace.write("a.c", "");
  workspace.write("b.c", "");
  const std::string root = fs::weakly_canonical(workspace.path()).string();
  workspace.write("compile_commands.json",
                  R"([{"directory": ")" + root + R"(", "file": "a.c", "arguments": [")" +
                      cc.string() + R"(", "a.c"]}, {"directory": ")" + root +
                      R"(", "file": "b.c", "arguments": [")" + own.string() + R"(", "b.c"]}])");
  const auto has_folder = [&](const CompileCommands& commands, const char* file) {
    const auto command = commands.commands_for(root + file).at(0);
    return std::find(command.arguments.begin(), command.arguments.end(),
                     (real / "sdk/include").string()) != command.arguments.end();
  };
  CompileCommandsOptions options;
  options.workspace = root;
  options.home = root;
  auto commands = CompileCommands::open(options);
  REQUIRE(commands);
  CHECK_FALSE(has_folder(**commands, "/a.c"));
  CHECK_FALSE(fs::exists(real / "ran"));
  options.drivers = {cc, own};
  commands = CompileCommands::open(options);
  REQUIRE(commands);
  CHECK(fs::exists(real / "ran"));
  CHECK(has_folder(**commands, "/a.c"));
  CHECK_FALSE(fs::exists(real / "own_ran"));
  CHECK_FALSE(has_folder(**commands, "/b.c"));
  REQUIRE((*commands)->report().messages.size() == 1);
  CHECK_THAT((*commands)->report().messages[0],
             Catch::Matchers::EndsWith("is not asked: it lies in the workspace"));
}

}  // namespace engram
