// indexer/commands/toolchain.h: where this machine's compilers keep their headers.
//
// Read from the layout of the file system alone: GCC's installations and libstdc++ under
// /usr/lib/gcc and /usr/lib/gcc-cross, Debian's multiarch folders, libc++ and the builtin headers
// of Clang 19. No compiler is run. The answers equal what `g++ -E -v` and `clang++ -E -v` print
// (tests/commands).
//
// Threads: immutable after read_toolchain.  Errors: none; what is not there is not in the answer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace engram {

struct GccInstallation {
  std::string triple;   // "x86_64-linux-gnu"
  std::string version;  // "12", "12.2.0"
  int major = 0;
  std::vector<std::string> cxx_folders;  // libstdc++'s, in search order; never empty
};

struct SystemHeadersQuery {
  std::string target = {};  // as -target has it; empty: this machine's
  bool cxx = false;
  int gcc_major = 0;         // of which GCC's libstdc++; 0, or one that is not here: the newest
  bool libcxx = false;       // -stdlib=libc++
  std::string sysroot = {};  // where its own libc lies; empty: "/"
  bool no_includes = false, no_cxx_includes = false, no_libc_includes = false;
  bool no_builtin_includes = false;
};

class Toolchain {
 public:
  // Folders in search order; all exist.
  std::vector<std::string> system_headers(const SystemHeadersQuery& query) const;
  // What Clang must be able to read besides the workspace.
  const std::vector<std::string>& roots() const { return roots_; }
  const std::vector<GccInstallation>& gcc() const { return gcc_; }
  // Clang 19's resource folder (".../lib/clang/19"); empty when it is not installed.
  const std::string& clang_resources() const { return clang_resources_; }

 private:
  friend Toolchain read_toolchain(const std::filesystem::path& root);
  const GccInstallation* choose_gcc(const SystemHeadersQuery& query) const;

  std::string root_;
  std::vector<GccInstallation> gcc_;  // newest first
  std::string clang_resources_;
  std::string libcxx_;
  std::vector<std::string> roots_;
};

// `root`: the root of the file system; another one in tests.
Toolchain read_toolchain(const std::filesystem::path& root = "/");

// "x86_64-pc-linux-gnu" -> "x86_64-linux-gnu": the name Debian gives a machine's folders.
std::string multiarch_of(const std::string& target);

}  // namespace engram
