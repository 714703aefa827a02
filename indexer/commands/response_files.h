// indexer/commands/response_files.h: arguments of the form @FILE, replaced by what the file says.
//
// Files may name further files. A file that is outside the policy's folders, names itself, or makes
// the command longer than the limits is refused: its argument is dropped and said to be.
//
// Threads: pure function.  Errors: none; each refusal is a line.
#pragma once

#include <string>
#include <vector>

#include "indexer/commands/path_policy.h"

namespace engram {

struct ExpandedArguments {
  std::vector<std::string> arguments;  // holds no response file any more
  std::vector<std::string> refusals;   // "@rsp/a.rsp: it names itself"
};

// `directory`: absolute; relative names are meant from there, as GCC and Clang do.
ExpandedArguments expand_response_files(const std::vector<std::string>& arguments,
                                        const std::string& directory, const PathPolicy& policy);

}  // namespace engram
