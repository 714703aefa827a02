// tests/clang/unit_text.h: the facts of a translation unit as text a person can review: each line
// of the main file, and below it what Clang says stands there.
#pragma once

#include <string>
#include <string_view>

#include "memory/semantic/unit_facts.h"

namespace engram {

// `root` is taken off the front of paths; what stands only in files elsewhere is left out.
std::string unit_as_text(const UnitFacts& facts, std::string_view text, const std::string& root);
std::string roles_as_text(std::uint16_t roles);

}  // namespace engram
