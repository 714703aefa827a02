// indexer/semantic/typed_match.h: how well a name of Clang's completion goes with what was typed:
// the worker leaves out names by it, whoever shows them orders them by it.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <string_view>

namespace engram {

enum class TypedMatch : std::uint8_t {  // the best first
  kBegins,                              // with what was typed
  kBeginsFolded,                        // but for the case of ASCII letters
  kInOrder,                             // the typed letters stand in it, in order
  kNone,
};
TypedMatch typed_match(std::string_view name, std::string_view typed);

}  // namespace engram
