// assist/navigation/includable_names.h: names that some header of the workspace declares, by how
// they begin: what an open file could use with one more inclusion.
//
// From the compiler's facts: only names at the top of a namespace, in headers that are no system's.
//
// Threads: opens its own reader.  Errors: none: a store that is absent or damaged has no names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "indexer/semantic/live_message.h"

namespace engram {

// The shortest names first, at most `limit`. `root`: of the workspace.
std::vector<LiveCandidate> includable_names(const std::filesystem::path& root,
                                            const std::filesystem::path& store,
                                            const std::string& prefix, std::size_t limit);

}  // namespace engram
