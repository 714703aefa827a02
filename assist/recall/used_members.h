// assist/recall/used_members.h: members that code uses, by what stands before them.
//
// Behind ".", "->" and "::" stands a name that something has already. Nothing is said of words in
// comments, strings, preprocessor lines and imports, as far as one line shows them, of numbers, and
// of names under three bytes.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace engram {

// Those on the line of the byte `from` of `text` and on later ones that end behind it. Views into
// `text`.
std::vector<std::string_view> used_members(std::string_view text, std::size_t from);

}  // namespace engram
