#include "assist/navigation/stored_relations.h"

#include <algorithm>
#include <map>
#include <set>

#include "memory/symbol_kinds.h"

namespace engram {

namespace {

class Relations {
 public:
  Relations(SemanticReader& reader, std::size_t limit, std::stop_token stop)
      : reader_(reader), limit_(limit), stop_(std::move(stop)) {}

  Result<std::vector<StoredRelated>> of(SymbolNumber symbol, SymbolRelation relation) {
    ENGRAM_TRY(facts, reader_.symbol(symbol));
    const SymbolKind kind = facts.facts.kind;
    switch (relation) {
      case SymbolRelation::kFunction:
        return is_function(kind) ? found({symbol}) : found({});
      case SymbolRelation::kClass:
        return class_of(symbol, kind);
      case SymbolRelation::kType:
        return type_of(symbol, kind);
      case SymbolRelation::kImplementations:
        return everything_from(
            symbol, is_function(kind) ? RelationKind::kOverrides : RelationKind::kDerivesFrom);
      case SymbolRelation::kCallers:
        return callers(symbol);
      case SymbolRelation::kCallees:
        return callees(symbol);
      case SymbolRelation::kSupertypes:
        return to(symbol, RelationKind::kDerivesFrom);
      case SymbolRelation::kSubtypes:
        return from(symbol, RelationKind::kDerivesFrom);
    }
    return found({});
  }

 private:
  using Found = Result<std::vector<StoredRelated>>;
  using Calls = std::map<SymbolNumber, std::vector<StoredUse>>;

  static std::vector<StoredRelated> found(const std::vector<SymbolNumber>& symbols) {
    std::vector<StoredRelated> out;
    for (const SymbolNumber symbol : symbols) out.push_back({symbol, {}});
    return out;
  }

  std::vector<StoredRelated> with_calls(Calls calls) const {
    std::vector<StoredRelated> out;
    for (auto& [symbol, places] : calls) {
      if (out.size() < limit_) out.push_back({symbol, std::move(places)});
    }
    return out;
  }

  Result<std::vector<SymbolNumber>> ends(SymbolNumber symbol, RelationKind kind, bool forward) {
    if (stop_.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY(links, forward ? reader_.links_from(symbol) : reader_.links_to(symbol));
    std::vector<SymbolNumber> out;
    for (const SemanticLink& link : links) {
      if (link.kind == kind && out.size() < limit_) out.push_back(forward ? link.to : link.from);
    }
    return out;
  }

  Found to(SymbolNumber symbol, RelationKind kind) {
    ENGRAM_TRY(symbols, ends(symbol, kind, true));
    return found(symbols);
  }
  Found from(SymbolNumber symbol, RelationKind kind) {
    ENGRAM_TRY(symbols, ends(symbol, kind, false));
    return found(symbols);
  }

  // Nearest first.
  Found everything_from(SymbolNumber symbol, RelationKind kind) {
    std::vector<SymbolNumber> out;
    std::set<SymbolNumber> seen{symbol};
    SymbolNumber next = symbol;
    for (std::size_t done = 0;; next = out[done++]) {
      ENGRAM_TRY(nearer, ends(next, kind, false));
      for (const SymbolNumber one : nearer) {
        if (out.size() < limit_ && seen.insert(one).second) out.push_back(one);
      }
      if (done == out.size()) return found(out);
    }
  }

  // Through aliases, however many.
  Found class_of(SymbolNumber symbol, SymbolKind kind) {
    for (int steps = 0; steps < 16; ++steps) {
      if (is_type_with_members(kind)) return found({symbol});
      ENGRAM_TRY(types, ends(symbol,
                             kind == SymbolKind::kConstructor ? RelationKind::kMemberOf
                                                              : RelationKind::kTypeOf,
                             true));
      if (types.empty()) break;
      symbol = types.front();
      ENGRAM_TRY(facts, reader_.symbol(symbol));
      kind = facts.facts.kind;
    }
    return found({});
  }

  Found type_of(SymbolNumber symbol, SymbolKind kind) {
    if (is_type_with_members(kind)) return found({symbol});
    ENGRAM_TRY(types, ends(symbol, RelationKind::kTypeOf, true));
    if (types.empty() && kind == SymbolKind::kConstructor) {
      return to(symbol, RelationKind::kMemberOf);
    }
    if (types.empty() && is_type(kind)) types.push_back(symbol);
    return found(types);
  }

  Found callers(SymbolNumber symbol) {
    ENGRAM_TRY(sources, reader_.uses_of(symbol, kRoleCall));
    Calls calls;
    for (const SourceUses& in : sources) {
      if (stop_.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
      ENGRAM_TRY_VOID(add_callers(in, calls));
    }
    return with_calls(std::move(calls));
  }

  Result<void> add_callers(const SourceUses& in, Calls& calls) {
    std::optional<std::vector<SemanticExtent>> functions;
    for (const SemanticUse& use : in.uses) {
      SymbolNumber caller = use.container;
      if (caller != kNoNumber) {
        ENGRAM_TRY(is_local, local(caller));
        if (is_local) caller = kNoNumber;
      }
      if (caller == kNoNumber) {
        if (!functions) {
          ENGRAM_TRY(known, functions_in(in.source));
          functions = std::move(known);
        }
        for (const SemanticExtent& f : *functions) {  // the last one begun is the innermost
          if (f.begin <= use.begin && use.end <= f.end) caller = f.symbol;
        }
      }
      if (caller != kNoNumber) calls[caller].push_back({in.source, use});
    }
    return {};
  }

  Result<bool> local(SymbolNumber symbol) {
    const auto [it, is_new] = local_.try_emplace(symbol, false);
    if (is_new) {
      ENGRAM_TRY(facts, reader_.symbol(symbol));
      it->second = facts.facts.local;
    }
    return it->second;
  }

  // That have a name of their own outside; in order of begin.
  Result<std::vector<SemanticExtent>> functions_in(const SemanticSource& source) {
    std::vector<SemanticExtent> out;
    ENGRAM_TRY(facts, reader_.facts(source.path, source.content));
    if (!facts) return out;
    std::vector<SymbolNumber> numbers;
    for (const SemanticExtent& extent : facts->extents) numbers.push_back(extent.symbol);
    ENGRAM_TRY(symbols, reader_.symbols(numbers));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const UnitSymbol& symbol = symbols[i].facts;
      if (is_function(symbol.kind) && !symbol.local) out.push_back(facts->extents[i]);
    }
    return out;
  }

  Found callees(SymbolNumber symbol) {
    ENGRAM_TRY(extents, reader_.extents_of(symbol));
    Calls calls;
    for (const SourceExtent& in : extents) {
      if (stop_.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
      ENGRAM_TRY(facts, reader_.facts(in.source.path, in.source.content));
      if (!facts) continue;
      for (const SemanticUse& use : facts->uses) {
        const bool inside = in.extent.begin <= use.begin && use.end <= in.extent.end;
        if (inside && (use.roles & kRoleCall) != 0) calls[use.symbol].push_back({in.source, use});
      }
    }
    std::vector<SymbolNumber> numbers;
    for (const auto& [number, uses] : calls) numbers.push_back(number);
    ENGRAM_TRY(symbols, reader_.symbols(numbers));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (!is_function(symbols[i].facts.kind)) calls.erase(numbers[i]);
    }
    return with_calls(std::move(calls));
  }

  SemanticReader& reader_;
  std::size_t limit_;
  std::stop_token stop_;
  std::map<SymbolNumber, bool> local_;
};

}  // namespace

Result<std::vector<StoredRelated>> related_symbols(SemanticReader& reader, SymbolNumber symbol,
                                                   SymbolRelation relation, std::size_t limit,
                                                   std::stop_token stop) {
  return Relations(reader, limit, std::move(stop)).of(symbol, relation);
}

}  // namespace engram
