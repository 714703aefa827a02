// indexer/commands/include_names.h: the inclusions that a source writes, without reading it as a
// compiler would.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engram {

// The names in its #include lines, with whether they stand in angle brackets.
std::vector<std::pair<std::string, bool>> include_names(std::string_view text);

}  // namespace engram
