#include "assist/navigation/syntax_relations.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "assist/navigation/found_places.h"
#include "assist/navigation/import_statements.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

constexpr std::size_t kMost = 1000;        // symbols in an answer
constexpr std::size_t kMostLookups = 300;  // names looked up for one answer

// One symbol of one file, to be told from others.
using SymbolSpot = std::pair<std::string, std::uint32_t>;

SymbolSpot spot_of(const FoundPlace& place) { return {place.source->path, place.begin}; }
CodePlace at(const FoundPlace& place) { return {place.source->path, place.begin}; }

class SyntaxRelations {
 public:
  SyntaxRelations(Navigator& navigator, std::stop_token stop)
      : navigator_(navigator), stop_(std::move(stop)) {}

  Result<std::vector<RelatedSymbol>> of(const CodePlace& place, SymbolRelation relation) {
    switch (relation) {
      case SymbolRelation::kFunction:
        return defined(place, is_function);
      case SymbolRelation::kClass:
        return type_of(place, true);
      case SymbolRelation::kType:
        return type_of(place, false);
      case SymbolRelation::kImplementations:
        return implementations(place);
      case SymbolRelation::kCallers:
        return around_uses(place, "call", is_function);
      case SymbolRelation::kCallees:
        return callees(place);
      case SymbolRelation::kSupertypes:
        return supertypes(place);
      case SymbolRelation::kSubtypes:
        return around_uses(place, "inherit", is_type_with_members);
    }
    return std::vector<RelatedSymbol>();
  }

 private:
  using Found = Result<std::vector<RelatedSymbol>>;

  static Found only(std::vector<FoundPlace> places) {
    std::vector<RelatedSymbol> out;
    for (FoundPlace& place : places) out.push_back({std::move(place)});
    return out;
  }

  Found defined(const CodePlace& place, bool (*wanted)(SymbolKind)) {
    ENGRAM_TRY(places, navigator_.definition(place, stop_));
    std::erase_if(places,
                  [&](const FoundPlace& p) { return !p.symbol || !wanted(p.symbol->kind); });
    return only(std::move(places));
  }

  // The definitions with their file's names; the symbol is one of these.
  struct Definition {
    FoundPlace place;
    NamesSnapshot names;
    std::int32_t symbol = -1;
    const Symbol& facts() const { return names->symbols[static_cast<std::size_t>(symbol)]; }
  };
  Result<std::vector<Definition>> definitions(const CodePlace& place) {
    std::vector<Definition> out;
    ENGRAM_TRY(places, navigator_.definition(place, stop_));
    for (FoundPlace& p : places) {
      const NamesSnapshot names = navigator_.texts().find_names(p.source->path, stop_);
      const FileName* name = names ? names->at(p.begin) : nullptr;
      if (name == nullptr || !name->defines || name->begin != p.begin) continue;
      out.push_back({std::move(p), names, name->symbol});
    }
    return out;
  }

  // What the symbols around the uses of a name in one role are.
  Found around_uses(const CodePlace& place, std::string_view role, bool (*wanted)(SymbolKind)) {
    Navigator::ReferenceOptions options;
    options.include_declaration = false;
    ENGRAM_TRY(uses, navigator_.references(place, options, stop_));
    std::vector<RelatedSymbol> out;
    std::map<SymbolSpot, std::size_t> known;
    for (FoundPlace& use : uses) {
      if (use.role != role) continue;
      auto around = symbol_around(use, wanted);
      if (!around) continue;
      const auto [it, is_new] = known.emplace(spot_of(*around), out.size());
      if (is_new && out.size() >= kMost) break;
      if (is_new) out.push_back({std::move(*around)});
      out[it->second].calls.push_back(std::move(use));
    }
    return out;
  }

  std::optional<FoundPlace> symbol_around(const FoundPlace& use, bool (*wanted)(SymbolKind)) {
    const NamesSnapshot names = navigator_.texts().find_names(use.source->path, stop_);
    const FileName* name = names ? names->at(use.begin) : nullptr;
    if (name == nullptr) return {};
    for (std::int32_t i = name->enclosing; i >= 0;) {
      const Symbol& s = names->symbols[static_cast<std::size_t>(i)];
      if (wanted(s.kind) && s.is_definition) return place_of_symbol(use.source, s, use.certainty);
      i = s.parent;
    }
    return {};
  }

  Found callees(const CodePlace& place) {
    std::vector<RelatedSymbol> out;
    std::map<SymbolSpot, std::size_t> known;
    ENGRAM_TRY(functions, definitions(place));
    std::size_t lookups = 0;
    for (const Definition& f : functions) {
      for (const FileName& name : f.names->names) {
        if (name.kind != ReferenceKind::kCall || name.defines || name.begin < f.facts().begin ||
            name.end > f.facts().end || ++lookups > kMostLookups) {
          continue;
        }
        FoundPlace call = place_of_name(f.place.source, *f.names, name, Certainty::kSyntactic);
        ENGRAM_TRY(meant, navigator_.definition(engram::at(call), stop_));
        if (meant.empty() || !meant.front().symbol) continue;
        call.certainty = meant.front().certainty;
        const auto [it, is_new] = known.emplace(spot_of(meant.front()), out.size());
        if (is_new) out.push_back({std::move(meant.front())});
        out[it->second].calls.push_back(std::move(call));
      }
    }
    return out;
  }

  Found supertypes(const CodePlace& place) {
    std::vector<FoundPlace> out;
    ENGRAM_TRY(types, definitions(place));
    for (const Definition& type : types) {
      for (const FileName& name : type.names->names) {
        if (name.kind != ReferenceKind::kInherit || name.enclosing != type.symbol) continue;
        ENGRAM_TRY(bases, navigator_.definition({type.place.source->path, name.begin}, stop_));
        for (FoundPlace& base : bases) {
          if (base.symbol && is_type(base.symbol->kind)) out.push_back(std::move(base));
        }
      }
    }
    sort_places(out, place.path);
    return only(std::move(out));
  }

  // `itself`: a class stands for itself, but an alias for what it names.
  Found type_of(const CodePlace& place, bool itself) {
    std::vector<FoundPlace> out;
    ENGRAM_TRY(found, definitions(place));
    for (const Definition& value : found) {
      const Symbol& s = value.facts();
      if (is_type_with_members(s.kind) || (!itself && s.kind == SymbolKind::kTypeParameter)) {
        out.push_back(value.place);
        continue;
      }
      const FileName* type = type_in(*value.names, s, value.symbol);
      if (type == nullptr) continue;
      ENGRAM_TRY(types, navigator_.definition({value.place.source->path, type->begin}, stop_));
      for (FoundPlace& one : types) {
        if (one.symbol && is_type(one.symbol->kind)) out.push_back(std::move(one));
      }
    }
    sort_places(out, place.path);
    return only(std::move(out));
  }

  // The type that a declaration names; of a function what it returns, where that stands before it.
  static const FileName* type_in(const FileNames& names, const Symbol& s, std::int32_t index) {
    const bool before = is_function(s.kind);
    const FileName* found = nullptr;
    for (const FileName& name : names.names) {
      if (name.begin >= s.end || (before && name.begin >= s.name_begin)) break;
      if (name.begin < s.begin || name.defines || name.kind != ReferenceKind::kType) continue;
      if (name.enclosing == index || found == nullptr) found = &name;
      if (!before) break;
    }
    return found;
  }

  Found implementations(const CodePlace& place) {
    ENGRAM_TRY(found, definitions(place));
    std::vector<FoundPlace> out;
    for (const Definition& one : found) {
      const Symbol& s = one.facts();
      if (is_type_with_members(s.kind)) {
        ENGRAM_TRY(types, all_subtypes(at(one.place)));
        for (Definition& type : types) out.push_back(std::move(type.place));
      } else if (is_function(s.kind) && s.parent >= 0) {
        const Symbol& owner = one.names->symbols[static_cast<std::size_t>(s.parent)];
        if (!is_type_with_members(owner.kind)) continue;
        ENGRAM_TRY(types, all_subtypes({one.place.source->path, owner.name_begin}));
        for (const Definition& type : types) add_member(type, s.name, out);
      }
    }
    sort_places(out, place.path);
    return only(std::move(out));
  }

  static void add_member(const Definition& type, const std::string& name,
                         std::vector<FoundPlace>& out) {
    for (const Symbol& s : type.names->symbols) {
      if (s.parent == type.symbol && s.name == name && is_function(s.kind)) {
        out.push_back(place_of_symbol(type.place.source, s, type.place.certainty));
      }
    }
  }

  Result<std::vector<Definition>> all_subtypes(const CodePlace& root) {
    std::vector<Definition> out;
    std::set<SymbolSpot> seen{{root.path, static_cast<std::uint32_t>(root.offset)}};
    CodePlace next = root;
    for (std::size_t done = 0;; next = at(out[done++].place)) {
      ENGRAM_TRY(nearer, around_uses(next, "inherit", is_type_with_members));
      for (RelatedSymbol& one : nearer) {
        if (out.size() >= kMostLookups || !seen.insert(spot_of(one.place)).second) continue;
        const NamesSnapshot names = navigator_.texts().find_names(one.place.source->path, stop_);
        const FileName* name = names ? names->at(one.place.begin) : nullptr;
        if (name == nullptr || name->symbol < 0) continue;
        out.push_back({std::move(one.place), names, name->symbol});
      }
      if (done == out.size()) return out;
    }
  }

  Navigator& navigator_;
  std::stop_token stop_;
};

}  // namespace

Result<std::vector<RelatedSymbol>> related_by_syntax(Navigator& navigator, const CodePlace& at,
                                                     SymbolRelation relation,
                                                     std::stop_token stop) {
  return SyntaxRelations(navigator, std::move(stop)).of(at, relation);
}

}  // namespace engram
