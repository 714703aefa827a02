// assist/navigation/symbol_relation.h: how one symbol of the code can stand to another.
//
// Threads: plain values.
#pragma once

#include <cstdint>

namespace engram {

enum class SymbolRelation : std::uint8_t {
  kFunction,         // the function itself: where a call hierarchy begins
  kClass,            // the type itself, of a value its type: where a type hierarchy begins
  kType,             // of a value its type, of a function what it returns, of a type itself
  kImplementations,  // what overrides a method, derives from a type, directly or not
  kCallers,
  kCallees,
  kSupertypes,  // direct ones
  kSubtypes,    // direct ones
};

}  // namespace engram
