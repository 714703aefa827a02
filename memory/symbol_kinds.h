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

}  // namespace engram
