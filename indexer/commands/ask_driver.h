// indexer/commands/ask_driver.h: asks a compiler that the user named which folders it searches.
//
// The one place here that runs a program: `DRIVER -E -v -x c++ /dev/null`, for compilers whose
// headers lie where toolchain.h does not look. Only for names in the user's own settings
// (clang.drivers), never for what a compile database says. Empty environment but for PATH and
// LC_ALL, no input, bounded time and output.
//
// Threads: safe; blocks up to `limit`.  Errors: kNotFound, kBusy (too long), kIo, kCorrupt (no
// list).
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

struct DriverFolders {
  std::vector<std::string> c, cxx;  // in search order; absolute, those that exist
};
using DriverAnswers = std::map<std::string, DriverFolders>;  // by the driver's path

// `driver`: absolute.
Result<DriverFolders> ask_driver(const std::filesystem::path& driver,
                                 std::chrono::milliseconds limit = std::chrono::seconds(10));

// The folders between "search starts here" and "End of search list." of GCC's and Clang's -v.
std::vector<std::string> parse_search_list(std::string_view text);

}  // namespace engram
