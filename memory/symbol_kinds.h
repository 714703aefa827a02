// memory/symbol_kinds.h: groups of symbol kinds that more than one reader of facts asks about.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include "memory/facts.h"

namespace engram {

// A kind whose symbols may have members; an alias names such a type and is none.
constexpr bool is_type_with_members(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kClass:
    case SymbolKind::kStruct:
    case SymbolKind::kUnion:
    case SymbolKind::kInterface:
    case SymbolKind::kTrait:
    case SymbolKind::kEnum:
      return true;
    default:
      return false;
  }
}

constexpr bool is_type(SymbolKind kind) {
  return is_type_with_members(kind) || kind == SymbolKind::kTypeAlias ||
         kind == SymbolKind::kTypeParameter;
}

constexpr bool is_member(SymbolKind kind) {
  return kind == SymbolKind::kField || kind == SymbolKind::kProperty ||
         kind == SymbolKind::kMethod || kind == SymbolKind::kConstructor;
}

constexpr bool is_function(SymbolKind kind) {
  return kind == SymbolKind::kFunction || kind == SymbolKind::kMethod ||
         kind == SymbolKind::kConstructor;
}

}  // namespace engram
