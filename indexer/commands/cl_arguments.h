// indexer/commands/cl_arguments.h: clang-cl's and cl's arguments in the words of GCC's style.
//
// The result is sifted like any other command; nothing here decides what is safe.
//
// Threads: pure function.  Errors: none; what has no counterpart is left out and counted.
#pragma once

#include <string>
#include <vector>

#include "indexer/commands/flag_report.h"

namespace engram {

// `arguments`: without the compiler. `file`: absolute; never taken for an option ("/home/...").
std::vector<std::string> gnu_from_cl(const std::vector<std::string>& arguments,
                                     const std::string& directory, const std::string& file,
                                     FlagReport& report);

}  // namespace engram
