// indexer/semantic/indexed_files.h: what the syntax tier found that says, or wants to know, how it
// is compiled.
//
// Files of the C family and build files, as the catalogue has them. Sources of others (vendored)
// are read where they are included, but are no units. The order of the sources is by a hash of
// their paths, tests last: any beginning of it is spread evenly over the tree, so that every header
// soon has somebody who read it, and a file that comes or goes moves no other.
//
// Threads: pure function.  Errors: none; a store that is not there or damaged has no files.
#pragma once

#include <filesystem>

#include "indexer/commands/compile_commands.h"

namespace engram {

WorkspaceFiles indexed_files(const std::filesystem::path& store);

}  // namespace engram
