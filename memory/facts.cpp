#include "memory/facts.h"

#include <array>
#include <cstddef>

namespace engram {

namespace {

constexpr std::array<std::string_view, 27> kKindNames = {
    "unknown",    "module",         "namespace", "package",  "class",       "struct",
    "union",      "interface",      "trait",     "enum",     "enum_member", "function",
    "method",     "constructor",    "field",     "property", "variable",    "constant",
    "type_alias", "type_parameter", "parameter", "macro",    "label",       "key",
    "heading",    "selector",       "element"};

constexpr std::array<std::string_view, 7> kReferenceNames = {
    "use", "call", "type", "import", "inherit", "write", "macro_use"};

}  // namespace

std::string_view to_string(SymbolKind kind) {
  const auto i = static_cast<std::size_t>(kind);
  return i < kKindNames.size() ? kKindNames[i] : kKindNames[0];
}

SymbolKind symbol_kind_from(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<SymbolKind>(i);
  }
  return SymbolKind::kUnknown;
}

std::string_view to_string(ReferenceKind kind) {
  const auto i = static_cast<std::size_t>(kind);
  return i < kReferenceNames.size() ? kReferenceNames[i] : kReferenceNames[0];
}

}  // namespace engram
