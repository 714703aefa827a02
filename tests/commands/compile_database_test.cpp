#include "indexer/commands/compile_database.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::vector<DatabaseEntry> entries_of(const fs::path& file, DatabaseSummary* summary = nullptr) {
  std::vector<DatabaseEntry> out;
  const auto read =
      read_compile_database(file, [&](DatabaseEntry e) { out.push_back(std::move(e)); });
  REQUIRE(read);
  if (summary != nullptr) *summary = *read;
  return out;
}

}  // namespace

TEST_CASE("compile database: both forms of an entry, every configuration, relative paths") {
  const TemporaryDirectory directory;
  directory.write("build/compile_commands.json", R"([
    {"directory": "/w/build", "file": "../src/a.cpp", "command": "g++ -DX='1 2' -c ../src/a.cpp"},
    {"directory": "/w/build", "file": "/w/src/a.cpp", "arguments": ["clang++", "-DY", "/w/src/a.cpp"], "output": "o"},
    {"directory": "sub", "file": "b.c", "arguments": ["cc", "b.c"], "command": "ignored"}])");
  const auto entries = entries_of(directory.path() / "build/compile_commands.json");
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].file == "/w/src/a.cpp");
  CHECK(entries[0].arguments == std::vector<std::string>{"g++", "-DX=1 2", "-c", "../src/a.cpp"});
  CHECK(entries[1].file == "/w/src/a.cpp");
  CHECK(entries[1].arguments[0] == "clang++");
  CHECK(entries[2].directory == (directory.path() / "build/sub").string());
  CHECK(entries[2].file == (directory.path() / "build/sub/b.c").string());
}

TEST_CASE("compile database: an entry that says too little is listed, the others are read") {
  const TemporaryDirectory directory;
  directory.write("compile_commands.json", R"([17, {"file": "a.c", "command": "cc"},
    {"directory": "/w", "command": "cc"}, {"directory": "/w", "file": "a.c"},
    {"directory": "/w", "file": "a.c", "arguments": ["cc", 1]},
    {"directory": "/w", "file": "a.c", "arguments": []},
    {"directory": "/w", "file": "a\u0000b.c", "arguments": ["cc"]},
    {"directory": "/w", "file": "ok.c", "arguments": ["cc"]}])");
  DatabaseSummary summary;
  const auto entries = entries_of(directory.path() / "compile_commands.json", &summary);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].file == "/w/ok.c");
  CHECK(summary.faulty == 7);
  CHECK(summary.faults ==
        std::vector<std::string>{"entry 1: not an object", "entry 2: no 'directory'",
                                 "entry 3: no 'file'", "entry 4: neither 'arguments' nor 'command'",
                                 "entry 5: an argument is no string", "entry 6: an empty command",
                                 "entry 7: a zero byte in a path"});
}

TEST_CASE("compile database: what is no database gets one line that names the file") {
  const TemporaryDirectory directory;
  struct Case {
    const char* text;
    const char* why;
  };
  const auto c = GENERATE(values<Case>({{"{}", "an array is expected"},
                                        {"[{\"directory\": \"/w\", ", "incomplete JSON"},
                                        {"\x7f"
                                         "ELF",
                                         "not valid JSON at byte 0"},
                                        {"[[[[[[[[[[[[[[[[[[[[", "too deep"}}));
  directory.write("compile_commands.json", c.text);
  const auto file = directory.path() / "compile_commands.json";
  const auto read = read_compile_database(file, [](const DatabaseEntry&) {});
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::kInvalidArgument);
  CHECK_THAT(read.error().message, Catch::Matchers::StartsWith("cannot read '" + file.string()));
  CHECK_THAT(read.error().message, Catch::Matchers::ContainsSubstring(c.why));
  CHECK(read.error().message.find('\n') == std::string::npos);
}

TEST_CASE("compile database: a folder, a pipe or nothing in its place is refused at once") {
  const TemporaryDirectory directory;
  const auto refuse = [&](const fs::path& file) {
    return read_compile_database(file, [](const DatabaseEntry&) {}).error().code;
  };
  CHECK(refuse(directory.path() / "none.json") == Errc::kNotFound);
  CHECK(refuse(directory.path()) == Errc::kInvalidArgument);
  CHECK(refuse("/dev/zero") == Errc::kInvalidArgument);
}

TEST_CASE("compile database: 50 MB are read in little memory") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "compile_commands.json";
  {
    std::ofstream out(file);
    std::string flags;
    for (int i = 0; i < 100; ++i) flags += fmt::format(" -I/w/third_party/library{}/include", i);
    out << "[\n";
    for (int i = 0; i < 15000; ++i) {
      out << fmt::format("{}{{\"directory\":\"/w\",\"file\":\"f{}.cc\",\"command\":\"c++{}\"}}",
                         i == 0 ? "" : ",\n", i, flags);
    }
    out << "]\n";
  }
  REQUIRE(fs::file_size(file) > 50'000'000);
  struct rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  std::size_t n = 0;
  const auto read = read_compile_database(file, [&](const DatabaseEntry&) { ++n; });
  ::getrusage(RUSAGE_SELF, &after);
  REQUIRE(read);
  CHECK(n == 15000);
  CHECK(read->bytes == fs::file_size(file));
#ifndef ENGRAM_SANITIZED                             // the sanitizers keep freed memory for a while
  CHECK(after.ru_maxrss - before.ru_maxrss < 8192);  // kilobytes
#endif
}

}  // namespace engram
