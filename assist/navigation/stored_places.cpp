#include "assist/navigation/stored_places.h"

namespace engram {

namespace {

Symbol symbol_of(const UnitSymbol& facts, const CompilerPlace& place, bool is_definition) {
  Symbol s;
  s.name = facts.name;
  if (facts.qualified_name.size() > facts.name.size() + 2 &&
      facts.qualified_name.ends_with("::" + facts.name)) {
    s.container =
        facts.qualified_name.substr(0, facts.qualified_name.size() - facts.name.size() - 2);
  }
  s.kind = facts.kind;
  s.is_definition = is_definition;
  s.is_local = facts.local;
  s.begin = s.name_begin = place.begin;
  s.end = s.name_end = place.end;
  s.signature = facts.signature;
  s.doc = facts.doc;
  return s;
}

}  // namespace

std::string role_name(std::uint16_t roles) {
  if ((roles & kRoleDefinition) != 0) return "definition";
  if ((roles & kRoleDeclaration) != 0) return "declaration";
  if ((roles & kRoleExpansion) != 0) return "macro_use";
  if ((roles & kRoleCall) != 0) return "call";
  if ((roles & kRoleWrite) != 0) return "write";
  return "use";
}

void StoredPlaces::read_ahead(const std::vector<SourceUses>& sources) {
  constexpr std::size_t kWorthIt = 64;
  if (sources.size() < kWorthIt) return;
  std::vector<std::string> paths;
  for (const SourceUses& in : sources) paths.push_back(in.source.path);
  texts_.read_ahead(paths);
}

const StoredPlaces::Seen& StoredPlaces::look_at(const SemanticSource& source) {
  if (last_ != nullptr && last_->first.first == source.path &&
      last_->first.second == source.content) {
    return last_->second;
  }
  const auto [it, is_new] = seen_.try_emplace({source.path, source.content});
  last_ = &*it;
  Seen& seen = it->second;
  if (!is_new) return seen;
  seen.now = texts_.find_or_read(source.path, source.content);
  if (!seen.now || seen.now->content == source.content) return seen;
  const auto stored = texts_.stored(source.path);
  if (stored && stored->content == source.content) {
    seen.shift.emplace(*stored->text, *seen.now->text);
  } else {
    seen.now = nullptr;
  }
  return seen;
}

std::optional<CompilerPlace> StoredPlaces::place(const SemanticSource& source,
                                                 const SemanticUse& use) {
  const auto& [now, shift] = look_at(source);
  if (!now) return {};
  const auto begin = shift ? shift->map(use.begin, use.end) : std::optional(std::size_t{use.begin});
  const std::uint32_t length = use.end - use.begin;
  if (!begin || *begin + length > now->text->size()) return {};
  const bool sure = !moved_ && !shift && (use.roles & kRoleInferred) == 0;
  const auto at = static_cast<std::uint32_t>(*begin);
  CompilerPlace out;
  out.path = source.path;
  out.begin = at;
  out.end = at + length;
  out.role = role_name(use.roles);
  out.certainty = sure ? use.certainty : Certainty::kInferred;
  return out;
}

std::optional<CompilerPlace> StoredPlaces::place(const SemanticSource& source,
                                                 const SemanticUse& use, const UnitSymbol& symbol) {
  auto out = place(source, use);
  if (!out) return out;
  out->symbol = symbol_of(symbol, *out, (use.roles & kRoleDefinition) != 0);
  out->key = symbol.key;
  return out;
}

}  // namespace engram
