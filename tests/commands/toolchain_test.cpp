#include "indexer/commands/toolchain.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/commands/run_program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

// The folders that `compiler -E -v` says it searches.
std::vector<std::string> searched_by(const std::string& compiler) {
  std::istringstream lines(run_program("LC_ALL=C " + compiler + " -E -v - </dev/null 2>&1").first);
  std::vector<std::string> out;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "End of search list.") break;
    if (inside && line.starts_with(' ')) out.push_back(fs::weakly_canonical(line.substr(1)));
    if (line == "#include <...> search starts here:") inside = true;
  }
  return out;
}

}  // namespace

TEST_CASE("toolchain: the folders are those that clang++-19 and clang-19 search, in their order") {
  const Toolchain toolchain = read_toolchain();
  CHECK(toolchain.system_headers({.cxx = true}) == searched_by("clang++-19 -x c++"));
  CHECK(toolchain.system_headers({.cxx = false}) == searched_by("clang-19 -x c"));
  CHECK(toolchain.system_headers({.cxx = true, .no_cxx_includes = true}) ==
        searched_by("clang++-19 -x c++ -nostdinc++"));
  CHECK(toolchain.system_headers({.cxx = true, .no_libc_includes = true}) ==
        searched_by("clang++-19 -x c++ -nostdlibinc"));
  CHECK(toolchain.system_headers({.cxx = true, .no_builtin_includes = true}) ==
        searched_by("clang++-19 -x c++ -nobuiltininc"));
  CHECK(toolchain.system_headers({.cxx = true, .no_includes = true}).empty());
}

TEST_CASE(
    "toolchain: a GCC's folders are those it searches, with Clang's builtin headers for its own") {
  const Toolchain toolchain = read_toolchain();
  std::vector<std::string> gcc = searched_by("g++-12 -x c++");
  std::erase_if(gcc, [](const std::string& f) { return f.ends_with("/include-fixed"); });
  std::replace_if(
      gcc.begin(), gcc.end(),
      [](const std::string& f) {
        return f.starts_with("/usr/lib/gcc/") && f.ends_with("/include");
      },
      toolchain.clang_resources() + "/include");
  CHECK(toolchain.system_headers({.cxx = true, .gcc_major = 12}) == gcc);
}

TEST_CASE("toolchain: cross compilers, several GCCs and other layouts are read the same way") {
  const TemporaryDirectory machine;
  const std::string usr = machine.path().string() + "/usr/";
  for (const char* folder :
       {"lib/gcc/x86_64-linux-gnu/12", "lib/gcc/x86_64-linux-gnu/14", "include/c++/12",
        "include/c++/12/backward", "include/x86_64-linux-gnu/c++/12", "lib/gcc/x86_64-linux-gnu/13",
        "include/c++/14", "include/x86_64-linux-gnu/c++/14", "include/x86_64-linux-gnu",
        "lib/gcc-cross/aarch64-linux-gnu/12", "aarch64-linux-gnu/include/c++/12/aarch64-linux-gnu",
        "lib/llvm-19/lib/clang/19/include", "lib/llvm-19/include/c++/v1"}) {
    fs::create_directories(usr + folder);
  }
  const Toolchain toolchain = read_toolchain(machine.path());
  using Folders = std::vector<std::string>;
  const std::string clang = usr + "lib/llvm-19/lib/clang/19/include";
  REQUIRE(toolchain.gcc().size() == 3);  // GCC 13 has no libstdc++ here
  const auto first = [&](SystemHeadersQuery query) {
    query.cxx = true;
    return toolchain.system_headers(query);
  };
  CHECK(first({.gcc_major = 12})[0] == usr + "include/c++/12");
  CHECK(first({.gcc_major = 13})[0] == usr + "include/c++/14");
  CHECK(first({})[0] == usr + "include/c++/14");
  CHECK(first({.target = "aarch64-linux-gnu"}) ==
        Folders{usr + "aarch64-linux-gnu/include/c++/12",
                usr + "aarch64-linux-gnu/include/c++/12/aarch64-linux-gnu", clang,
                usr + "aarch64-linux-gnu/include"});
  CHECK(first({.libcxx = true})[0] == usr + "lib/llvm-19/include/c++/v1");
  CHECK(first({.target = "x86_64-pc-windows-msvc"}) == Folders{clang});
  CHECK(read_toolchain(machine.path() / "nothing").system_headers({.cxx = true}).empty());
}

TEST_CASE("toolchain: targets have the names of Debian's folders") {
  CHECK(multiarch_of("x86_64-pc-linux-gnu") == "x86_64-linux-gnu");
  CHECK(multiarch_of("i686-linux-gnu") == "i386-linux-gnu");
  CHECK(multiarch_of("armv7a-unknown-linux-gnueabihf") == "armv7a-linux-gnueabihf");
  CHECK(multiarch_of("aarch64-linux") == "aarch64-linux-gnu");
  CHECK(multiarch_of("wasm32-wasi") == "wasm32-wasi");
}

}  // namespace engram
