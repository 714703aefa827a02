// engine/grammar/code_points.h: sets of code points as ranges, for classes of characters.
// Private to engine/grammar.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/grammar/grammar.h"

namespace engram {

using CodePointRanges = std::vector<GrammarBuilder::CodePoints>;

// Everything that the ranges leave, in order.
CodePointRanges complement(CodePointRanges ranges);

// The code point at `at`, which moves behind it. What is not UTF-8 counts byte by byte.
// REQUIRES: at < text.size().
std::uint32_t take_code_point(std::string_view text, std::size_t& at);

}  // namespace engram
