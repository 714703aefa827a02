#include "assist/navigation/code_tokens.h"

#include <algorithm>

namespace engram {

namespace {

SymbolKind kind_of_use(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::kCall:
      return SymbolKind::kFunction;
    case ReferenceKind::kType:
    case ReferenceKind::kInherit:
      return SymbolKind::kClass;
    case ReferenceKind::kMacroUse:
      return SymbolKind::kMacro;
    case ReferenceKind::kUse:
    case ReferenceKind::kWrite:
    case ReferenceKind::kImport:
      break;
  }
  return SymbolKind::kUnknown;
}

// Of several meanings of one name: what is named there, not what its macro or class is about.
int preference(const CompiledName& name) {
  if ((name.roles & kRoleExpansion) != 0) return 2;
  return (name.roles & kRoleNameOnly) != 0 ? 0 : 1;
}

}  // namespace

std::vector<CodeToken> compiler_tokens(const CompiledNames& names) {
  std::vector<CompiledName> written;
  for (const CompiledName& name : names.names) {
    if (written.empty() || written.back().end <= name.begin) {
      written.push_back(name);
    } else if (written.back().begin == name.begin &&
               preference(written.back()) < preference(name)) {
      written.back() = name;
    }
  }
  std::vector<CodeToken> out;
  for (const CompiledName& name : written) {
    const SymbolKind kind = names.symbols[name.symbol].kind;
    if (kind == SymbolKind::kUnknown) continue;
    const bool defines = (name.roles & kRoleDefinition) != 0;
    out.push_back({name.begin, name.end, kind, !defines && (name.roles & kRoleDeclaration) != 0,
                   defines, (name.roles & kRoleWrite) != 0, name.certainty});
  }
  return out;
}

std::vector<CodeToken> syntax_tokens(const FileNames& names) {
  std::vector<CodeToken> out;
  for (const FileName& name : names.names) {
    const Symbol* symbol =
        name.symbol >= 0 ? &names.symbols[static_cast<std::size_t>(name.symbol)] : nullptr;
    CodeToken token{name.begin, name.end,
                    symbol != nullptr ? symbol->kind : kind_of_use(name.kind)};
    if (token.kind == SymbolKind::kUnknown) continue;
    token.defines = name.defines && symbol != nullptr && symbol->is_definition;
    token.declares = name.defines && !token.defines;
    token.writes = !name.defines && name.kind == ReferenceKind::kWrite;
    token.certainty = symbol != nullptr ? Certainty::kSyntactic : Certainty::kTextual;
    out.push_back(token);
  }
  return out;
}

std::vector<CodeToken> filled_up(std::vector<CodeToken> tokens,
                                 const std::vector<CodeToken>& others) {
  std::vector<CodeToken> out;
  auto next = tokens.begin();
  for (const CodeToken& other : others) {
    while (next != tokens.end() && next->end <= other.begin) out.push_back(*next++);
    if (next == tokens.end() || other.end <= next->begin) out.push_back(other);
  }
  out.insert(out.end(), next, tokens.end());
  return out;
}

}  // namespace engram
