// indexer/commands/nvcc_arguments.h: nvcc's arguments in the words of GCC's style.
//
// What nvcc hands to the host compiler (-Xcompiler A,B) becomes ordinary arguments; what concerns
// device code alone (-gencode, -Xptxas, ...) is counted. The result is sifted like any other
// command.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <string>
#include <vector>

#include "indexer/commands/flag_report.h"

namespace engram {

// `arguments`: without the compiler.
std::vector<std::string> gnu_from_nvcc(const std::vector<std::string>& arguments,
                                       FlagReport& report);

}  // namespace engram
