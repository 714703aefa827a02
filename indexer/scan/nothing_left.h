// indexer/scan/nothing_left.h: why a workspace has nothing to index.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "memory/facts.h"

namespace engram {

// One line for a person when no file is left because ignore rules leave them out: the rule that
// leaves out most, as its file has it, and what takes it back. nullopt: there are files, or none
// was ignored.
std::optional<std::string> why_nothing_is_left(std::uint64_t files,
                                               const std::vector<SkippedFile>& skipped);

}  // namespace engram
