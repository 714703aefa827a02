// memory/glob.h: which paths a search looks at: "*.cpp", "src/**", "!tests/**".
//
// '*' and '?' stay inside one component, "**" crosses them, [a-z] and [!a-z] are classes, '\'
// quotes. A glob without '/' matches the last component; one with '/' the whole path, or a folder
// above it. With several globs a path must match one that is not negated (if there is any) and
// none that is.
//
// Threads: pure functions.  Errors: none; an unclosed class is taken literally.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engram {

bool glob_match(std::string_view glob, std::string_view path);
bool globs_accept(const std::vector<std::string>& globs, std::string_view path);

}  // namespace engram
