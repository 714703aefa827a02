// indexer/semantic/likely_reader.h: a translation unit that reads a header, before any was parsed.
//
// Units are read for their inclusions (include_graph.h), those most like the header first: of its
// name, then the nearest by folder. The first that includes it, over whatever other headers, is it.
//
// Threads: pure function; reads files.  Errors: none; what cannot be read includes nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

#include "indexer/commands/compile_commands.h"

namespace engram {

// So many units are read with all they include, and so many more for an inclusion of that name in
// their own text.
inline constexpr std::size_t kMostReadWhole = 200, kMostGlancedAt = 20'000;

// Of the units with entries in the database; `header` absolute, below `root`. nullopt: none of
// those read includes it.
std::optional<std::string> likely_reader(const CompileCommands& commands, const std::string& root,
                                         const std::string& header,
                                         const std::stop_token& stop = {});

}  // namespace engram
