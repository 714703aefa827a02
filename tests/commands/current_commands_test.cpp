#include "indexer/commands/current_commands.h"

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

TEST_CASE("current commands: they are opened once, and again for each change") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "int a;\n");
  CompileCommandsOptions where;
  where.workspace = folder.path();
  CurrentCommands commands(where);
  const auto is_read = [&] {
    const bool changed = commands.changed();
    const auto read = commands.read();
    REQUIRE(read);
    CHECK(*read == changed);
    return *read;
  };
  CHECK(commands.get() == nullptr);
  CHECK(is_read());
  const CompileCommands* const first = commands.get();
  CHECK_FALSE(is_read());
  CHECK(commands.get() == first);
  folder.write(".clangd", "CompileFlags: {Add: -DX}\n");
  CHECK(is_read());
  folder.write("compile_flags.txt", "-DY\n");
  CHECK(is_read());
  folder.write("build/compile_commands.json", "[]");
  CHECK(is_read());
  CHECK_FALSE(is_read());
  std::filesystem::remove(folder.path() / "build/compile_commands.json");
  CHECK(is_read());
  CHECK_FALSE(is_read());
}

TEST_CASE("current commands: a named database that cannot be read is tried again") {
  TemporaryDirectory folder;
  CompileCommandsOptions where;
  where.workspace = folder.path();
  where.database = folder.path() / "out";
  CurrentCommands commands(where);
  CHECK_FALSE(commands.read());
  CHECK(commands.get() == nullptr);
  folder.write("out/compile_commands.json", "[]");
  CHECK(commands.read());
  CHECK(commands.get() != nullptr);
}

}  // namespace engram
