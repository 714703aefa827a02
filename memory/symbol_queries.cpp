#include "memory/symbol_queries.h"

#include <algorithm>
#include <tuple>

#include "memory/segments.h"
#include "memory/stored_rows.h"

namespace engram {

namespace {

constexpr std::uint32_t kSecondary = static_cast<std::uint32_t>(FileFlag::kVendored) |
                                     static_cast<std::uint32_t>(FileFlag::kGenerated);

constexpr std::size_t kMaxMemberFiles = 300;

bool is_secondary(std::uint32_t flags) { return (flags & kSecondary) != 0; }

// A content that has the name and is some file's now; the best come first.
struct Candidate {
  std::uint64_t content = 0;
  std::uint8_t roles = 0;
  std::vector<StoredPath> paths;

  auto rank() const {
    return std::make_tuple((roles & kNameDefined) == 0, is_secondary(paths.front().flags),
                           std::string_view(paths.front().path));
  }
};

Result<std::vector<Candidate>> live_candidates(Database& db, std::string_view name,
                                               std::uint8_t roles) {
  ENGRAM_TRY(postings, find_postings(db, TermKind::kNames, name));
  std::vector<Candidate> candidates;
  for (const TermPosting& p : postings) {
    if ((p.value & roles) == 0) continue;
    ENGRAM_TRY(paths, paths_of_content(db, p.id));
    if (paths.empty()) continue;  // an old version of a file
    std::sort(paths.begin(), paths.end(), [](const StoredPath& a, const StoredPath& b) {
      return std::make_tuple(is_secondary(a.flags), std::string_view(a.path)) <
             std::make_tuple(is_secondary(b.flags), std::string_view(b.path));
    });
    candidates.push_back({p.id, p.value, std::move(paths)});
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.rank() < b.rank(); });
  return candidates;
}

// Appends the symbols of the candidates that `wanted` accepts, until `limit` are found; only those
// of that name, when it is not empty.
template <class Wanted>
Result<void> collect_symbols(Database& db, const std::vector<Candidate>& candidates,
                             std::string_view name, std::size_t limit, Wanted wanted,
                             std::vector<SymbolHit>& hits) {
  for (const Candidate& c : candidates) {
    if (hits.size() >= limit) return {};
    ENGRAM_TRY(content, stored_content(db, c.content));
    if (!content) continue;
    ENGRAM_TRY(symbols, stored_symbols(db, *content, name));
    for (const Symbol& s : symbols) {
      if (!wanted(s)) continue;
      for (const StoredPath& p : c.paths) {
        hits.push_back({p.path, content->language, s, content->certainty, p.flags});
      }
    }
  }
  return {};
}

auto rank_of(const SymbolHit& hit) {
  return std::make_tuple(!hit.symbol.is_definition, is_secondary(hit.flags), hit.symbol.is_local,
                         std::string_view(hit.path), hit.symbol.begin);
}

void rank_and_cut(std::vector<SymbolHit>& hits, std::size_t limit) {
  std::sort(hits.begin(), hits.end(),
            [](const SymbolHit& a, const SymbolHit& b) { return rank_of(a) < rank_of(b); });
  if (hits.size() > limit) hits.resize(limit);
}

std::uint8_t wanted_roles(const CatalogueReader::SymbolQuery& query) {
  unsigned roles = kNameDefined;
  if (!query.definitions_only) roles |= kNameDeclared;
  if (query.include_locals) roles |= kNameLocal;
  return static_cast<std::uint8_t>(roles);
}

Result<void> find_exact(Database& db, const CatalogueReader::SymbolQuery& query,
                        std::string_view name, std::vector<SymbolHit>& hits) {
  ENGRAM_TRY(candidates, live_candidates(db, name, wanted_roles(query)));
  std::vector<SymbolHit> found;
  ENGRAM_TRY_VOID(collect_symbols(
      db, candidates, name, query.limit,
      [&](const Symbol& s) {
        return (query.include_locals || !s.is_local) &&
               (!query.definitions_only || s.is_definition) &&
               (!query.kind || s.kind == *query.kind);
      },
      found));
  rank_and_cut(found, query.limit);
  std::move(found.begin(), found.end(), std::back_inserter(hits));
  return {};
}

// "a::B" -> "B": the part of a container that is itself a name.
std::string_view last_component(std::string_view container) {
  const std::size_t at = container.find_last_of(":.");
  return at == std::string_view::npos ? container : container.substr(at + 1);
}

bool is_container(std::string_view have, std::string_view wanted) {
  if (have == wanted) return true;
  if (have.size() <= wanted.size() || !have.ends_with(wanted)) return false;
  const char before = have[have.size() - wanted.size() - 1];
  return before == ':' || before == '.';
}

}  // namespace

Result<std::vector<SymbolHit>> find_symbols(Database& db, NameSearch& names,
                                            const CatalogueReader::SymbolQuery& query) {
  std::vector<SymbolHit> hits;
  if (query.name.empty() || query.limit == 0) return hits;
  if (!query.fuzzy) {
    ENGRAM_TRY_VOID(find_exact(db, query, query.name, hits));
    return hits;
  }
  ENGRAM_TRY_VOID(names.refresh(db));
  const NameMatcher matcher(query.name);
  // Names of old contents, or of another kind, give nothing: then more are asked for.
  std::size_t looked_up = 0;
  for (std::size_t count = std::max<std::size_t>(query.limit, 64);; count *= 4) {
    const BestNames best = names.best(matcher, wanted_roles(query), count);
    for (; looked_up < best.names.size() && hits.size() < query.limit; ++looked_up) {
      ENGRAM_TRY_VOID(find_exact(db, query, std::string(best.names[looked_up].name), hits));
    }
    if (best.all || hits.size() >= query.limit) break;
  }
  if (hits.size() > query.limit) hits.resize(query.limit);
  return hits;
}

Result<std::vector<SymbolHit>> find_members(Database& db, std::string_view container,
                                            std::size_t limit) {
  constexpr std::uint8_t kAnyRole = kNameDefined | kNameDeclared | kNameLocal | kNameReferenced;
  std::vector<SymbolHit> hits;
  if (container.empty() || limit == 0) return hits;
  ENGRAM_TRY(candidates, live_candidates(db, last_component(container), kAnyRole));
  if (candidates.size() > kMaxMemberFiles) candidates.resize(kMaxMemberFiles);
  ENGRAM_TRY_VOID(collect_symbols(
      db, candidates, {}, limit,
      [&](const Symbol& s) { return !s.is_local && is_container(s.container, container); }, hits));
  rank_and_cut(hits, limit);
  return hits;
}

Result<std::vector<ReferenceHit>> find_references(Database& db, std::string_view name,
                                                  std::size_t limit) {
  std::vector<ReferenceHit> hits;
  if (name.empty()) return hits;
  ENGRAM_TRY(candidates, live_candidates(db, name, kNameReferenced));
  for (const Candidate& c : candidates) {
    if (hits.size() >= limit) break;
    ENGRAM_TRY(content, stored_content(db, c.content));
    if (!content) continue;
    ENGRAM_TRY(references, stored_references(db, *content, name));
    for (const StoredPath& p : c.paths) {
      for (const Reference& r : references) {
        if (hits.size() >= limit) break;
        hits.push_back({p.path, r, Certainty::kTextual});
      }
    }
  }
  return hits;
}

}  // namespace engram
