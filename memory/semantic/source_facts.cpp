#include "memory/semantic/source_facts.h"

#include <algorithm>
#include <tuple>

#include "memory/semantic/pooled_diagnostic.h"

namespace engram {
namespace {

std::vector<SemanticUse> uses_in(const DecodedPool& decoded) {
  std::vector<SemanticUse> out;
  auto inferred = decoded.inferred.begin();
  std::uint32_t position = 0;
  for (const PooledUse& use : decoded.pool.uses) {
    while (inferred != decoded.inferred.end() && inferred->second <= position) ++inferred;
    const bool guessed = inferred != decoded.inferred.end() && inferred->first <= position;
    out.push_back({use.begin, use.end, use.symbol, use.container, use.roles,
                   guessed ? Certainty::kInferred : Certainty::kSemantic});
    ++position;
  }
  return out;
}

Result<std::string> path_of(Database& db, SourceNumber number) {
  if (number == kNoNumber) return std::string();
  ENGRAM_TRY(source, source_numbered(db, number));
  return source ? source->source.path : std::string();
}

Result<SemanticDiagnostic> diagnostic_from(Database& db, std::string_view bytes) {
  ENGRAM_TRY(group, decode_diagnostics(bytes));
  SemanticDiagnostic out;
  for (std::size_t i = 0; i < group.size(); ++i) {
    ENGRAM_TRY(path, path_of(db, group[i].source));
    SemanticDiagnostic d{group[i].level,
                         std::move(path),
                         group[i].begin,
                         group[i].end,
                         group[i].message,
                         group[i].option,
                         {},
                         {}};
    for (PooledFix& fix : group[i].fixes) {
      ENGRAM_TRY(fixed, path_of(db, fix.source));
      d.fixes.push_back({std::move(fixed), fix.begin, fix.end, std::move(fix.text)});
    }
    if (i == 0) {
      out = std::move(d);
    } else {
      out.notes.push_back(std::move(d));
    }
  }
  return out;
}

}  // namespace

void sort_by_place(std::vector<SemanticUse>& uses) {
  std::sort(uses.begin(), uses.end(), [](const SemanticUse& a, const SemanticUse& b) {
    return std::tuple(by_place(a), a.container, a.roles) <
           std::tuple(by_place(b), b.container, b.roles);
  });
}

Result<SourceFacts> source_facts(Database& db, const NumberedSource& source,
                                 const DecodedPool& decoded) {
  SourceFacts out;
  out.source = source.source;
  out.uses = uses_in(decoded);
  sort_by_place(out.uses);
  out.links = decoded.pool.links;
  out.extents = decoded.pool.extents;
  std::sort(out.extents.begin(), out.extents.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.begin, b.end, a.symbol) < std::tuple(b.begin, a.end, b.symbol);
  });
  out.inactive = decoded.pool.inactive;
  for (const PooledInclusion& i : decoded.pool.inclusions) {
    SemanticInclusion inclusion{i.begin, i.end, {}, i.angled};
    if (i.target != kNoNumber) {
      ENGRAM_TRY(target, source_numbered(db, i.target));
      if (target) inclusion.target = std::move(target->source);
    }
    out.includes.push_back(std::move(inclusion));
  }
  for (const std::string& bytes : decoded.pool.diagnostics) {
    ENGRAM_TRY(diagnostic, diagnostic_from(db, bytes));
    out.diagnostics.push_back(std::move(diagnostic));
  }
  std::sort(out.diagnostics.begin(), out.diagnostics.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, a.end, a.message) < std::tie(b.begin, b.end, b.message);
  });
  return out;
}

}  // namespace engram
