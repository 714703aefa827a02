// indexer/commands/gnu_arguments.h: the arguments of a GCC-style command, sifted.
//
// What is kept is written anew from the option table and the flag lists; what is not is counted.
//
// Threads: as PathPolicy.  Errors: none; whatever is not understood is left out and counted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "indexer/commands/flag_report.h"
#include "indexer/commands/path_policy.h"

namespace engram {

struct SiftedArguments {
  // -D -U -I -isystem -include ..., warnings and feature flags, in the order written. Values of the
  // options that take them apart stand in the next argument; paths are absolute.
  std::vector<std::string> kept;
  std::string language;  // -x, as Clang knows it; "" not said; "?" said, and none of ours
  std::string standard;
  std::string target;
  std::string sysroot;
  std::string stdlib;       // "libc++" or empty
  std::string driver_mode;  // "g++", "gcc", "cl" or empty
  bool no_includes = false, no_cxx_includes = false, no_libc_includes = false;
  bool no_builtin_includes = false;
};

// `arguments`: without the compiler. `file`, `directory`: absolute; the file's own name among the
// arguments is taken out, every other input is counted. `target`: the compiler's, unless they name
// one.
SiftedArguments sift_gnu_arguments(const std::vector<std::string>& arguments,
                                   const std::string& directory, const std::string& file,
                                   const std::string& target, const PathPolicy& policy,
                                   FlagReport& report);

// Whether a folder holds the headers that a GCC or Clang brings along (stddef.h, immintrin.h).
bool is_compilers_own_folder(std::string_view path);

}  // namespace engram
