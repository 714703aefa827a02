// indexer/commands/cmake_definitions.h: the macros that a CMakeLists.txt certainly defines on
// Linux.
//
// Read are add_definitions, add_compile_definitions and -D in CMAKE_C_FLAGS and CMAKE_CXX_FLAGS,
// where every if() around them is known to hold: WIN32, APPLE, MSVC and the like are known, so is
// CMAKE_SYSTEM_NAME; options, variables and what depends on the compiler are not, nor is the body
// of a loop or function. Only names with plain values are taken. Nothing is run or looked up.
//
// Threads: pure functions.  Errors: none; from where the text is no CMake on, nothing is taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

enum class CmakeTruth : std::uint8_t { kFalse, kMaybe, kTrue };

struct CmakeWord {
  std::string text;
  bool quoted = false;
};

// "NAME" or "NAME=VALUE", in the order written; a name that is defined in two ways is left out.
std::vector<std::string> cmake_definitions(std::string_view text);

// Of an if()'s words, parentheses among them.
CmakeTruth cmake_condition(const std::vector<CmakeWord>& words);

// Whether "NAME[=VALUE]" is plain: a name, and a number, a word or a short quoted text.
bool is_plain_definition(std::string_view definition);

}  // namespace engram
