// indexer/commands/compiler_name.h: which compiler a command runs, from its name alone.
//
// Launchers before it (ccache, distcc, env A=B, ...) are skipped. Nothing is run and no file looked
// at: "/opt/x/bin/aarch64-linux-gnu-g++-12" is GCC 12 for C++ on aarch64-linux-gnu.
//
// Threads: pure functions.  Errors: none; a name that says nothing is a GNU-style C compiler.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

enum class ArgumentStyle : unsigned char { kGnu, kCl, kNvcc };

struct CompilerName {
  ArgumentStyle style = ArgumentStyle::kGnu;
  bool known = false;     // the name is one of a compiler of C, C++ or CUDA
  bool cxx = false;       // g++, clang++: .c files are C++ too
  std::string target;     // of a cross compiler: "aarch64-linux-gnu", else empty
  int gcc_major = 0;      // g++-12: 12; else 0
  std::size_t index = 0;  // where it stands among the words
};

CompilerName compiler_of(const std::vector<std::string>& words);

}  // namespace engram
