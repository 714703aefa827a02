// Navigator: where what stands at a position is used, in its own file and in others.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "assist/navigation/asked_place.h"
#include "assist/navigation/found_places.h"
#include "assist/navigation/import_statements.h"
#include "assist/navigation/stored_places.h"
#include "indexer/syntax/language.h"

namespace engram {
namespace {

std::vector<FoundPlace> wanted(std::vector<FoundPlace> places,
                               const Navigator::ReferenceOptions& options) {
  if (!options.include_declaration) {
    std::erase_if(places, [](const FoundPlace& p) {
      return p.role == "definition" || p.role == "declaration";
    });
  }
  return places;
}

}  // namespace

// An edited text has names that the compiler has not seen; then the scopes know better.
Result<std::vector<FoundPlace>> Navigator::compiled_highlights(const Asked& asked) {
  std::vector<FoundPlace> out;
  ENGRAM_TRY(known, compiler_->names(texts_, *asked.source));
  if (!known || !known->fresh) return out;
  const std::string_view text = *asked.source->text;
  const CompiledName* best = nullptr;  // the shortest that holds the place, as it is written
  const auto is_written = [&](const CompiledName& name) {
    return text.substr(name.begin, name.end - name.begin) == known->symbols[name.symbol].name;
  };
  for (const CompiledName& name : known->names) {
    if (name.begin > asked.offset || asked.offset > name.end || name.end > text.size()) continue;
    const auto worth = [&](const CompiledName& one) {
      return std::tuple(!is_written(one), (one.roles & kRoleNameOnly) != 0, one.end - one.begin);
    };
    if (best == nullptr || worth(name) < worth(*best)) best = &name;
  }
  if (best == nullptr) return out;
  const std::uint32_t symbol = best->symbol;
  for (const CompiledName& name : known->names) {
    if (name.symbol != symbol || name.end > text.size()) continue;
    if (!out.empty() && out.back().begin == name.begin) continue;
    out.push_back({asked.source, name.begin, name.end, role_name(name.roles), name.certainty, {}});
  }
  return out;
}

Result<std::vector<FoundPlace>> Navigator::highlights(const CodePlace& at, std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  if (compiler_) {
    ENGRAM_TRY(known, compiled_highlights(asked));
    if (!known.empty()) return known;
  }
  ENGRAM_TRY_VOID(add_names(asked, stop));
  std::vector<FoundPlace> out;
  if (asked.name == nullptr) return out;
  const Certainty certainty = asked.name->group >= 0 ? Certainty::kSyntactic : Certainty::kTextual;
  for (const FileName& name : asked.names->names) {
    if (name.group != asked.name->group || name.name != asked.name->name) continue;
    out.push_back(place_of_name(asked.source, *asked.names, name, certainty));
  }
  return out;
}

void Navigator::add_references(const Asked& asked, const ReferenceOptions& options,
                               std::vector<ReferenceHit> hits, std::vector<FoundPlace>& out) {
  const std::string_view family = language_family(asked.source->language);
  for (const ReferenceHit& hit : hits) {
    if (out.size() >= options.limit) return;
    if (hit.path == asked.source->path || language_family(language_of(hit.path)) != family)
      continue;
    const SourceSnapshot source = texts_.find(hit.path);
    if (!source || hit.reference.end > source->text->size()) continue;
    out.push_back({source, hit.reference.begin, hit.reference.end,
                   std::string(to_string(hit.reference.kind)), hit.certainty, std::nullopt});
  }
}

// By name, in other files; `unread`: only in those that no unit of the compiler's has read.
Result<void> Navigator::add_elsewhere(const Asked& asked, const ReferenceOptions& options,
                                      bool unread, std::vector<FoundPlace>& out) {
  std::map<std::string, bool, std::less<>> wanted;
  const auto keep = [&](const std::string& path) -> Result<bool> {
    const auto [it, added] = wanted.try_emplace(path, true);
    if (!added || !unread) return it->second;
    ENGRAM_TRY(read, compiler_->has_read(path));
    return it->second = !read;
  };
  ENGRAM_TRY(all, texts_.references(asked.name->name, options.limit));
  std::vector<ReferenceHit> hits;
  for (ReferenceHit& hit : all) {
    ENGRAM_TRY(kept, keep(hit.path));
    if (kept) hits.push_back(std::move(hit));
  }
  add_references(asked, options, std::move(hits), out);
  if (!options.include_declaration) return {};
  const Symbol* symbol = asked.symbol();
  ENGRAM_TRY(symbols, texts_.symbols(asked.name->name, options.limit));
  for (const SymbolHit& hit : symbols) {
    const bool other = symbol != nullptr && hit.symbol.container != symbol->container;
    if (hit.path == asked.source->path || other) continue;
    if (language_family(hit.language) != language_family(asked.source->language)) continue;
    ENGRAM_TRY(kept, keep(hit.path));
    if (!kept) continue;
    if (const SourceSnapshot source = texts_.find(hit.path)) {
      out.push_back(place_of_symbol(source, hit.symbol, Certainty::kTextual));
    }
  }
  return {};
}

Result<void> Navigator::add_unread_references(Asked& asked, const ReferenceOptions& options,
                                              std::vector<FoundPlace>& places,
                                              std::stop_token stop) {
  ENGRAM_TRY_VOID(add_names(asked, stop));
  if (asked.name == nullptr) return {};
  const Symbol* symbol = asked.symbol();
  if (symbol != nullptr && !is_elsewhere_too(*symbol)) return {};
  ENGRAM_TRY_VOID(add_elsewhere(asked, options, true, places));
  sort_places(places, asked.source->path);
  if (places.size() > options.limit) places.resize(options.limit);
  return {};
}

Result<std::vector<FoundPlace>> Navigator::references(const CodePlace& at,
                                                      const ReferenceOptions& options,
                                                      std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  if (compiler_) {
    ENGRAM_TRY(known, compiler_->references(texts_, *asked.source, at.offset, options.limit, stop));
    std::vector<FoundPlace> places = wanted(from_compiler(texts_, known), options);
    if (is_guess(places)) ENGRAM_TRY_VOID(add_unread_references(asked, options, places, stop));
    if (!places.empty()) return places;
  }
  ENGRAM_TRY_VOID(add_names(asked, stop));
  if (asked.name == nullptr) {
    ENGRAM_TRY(places, spelled(asked, true, options.limit, stop));
    return wanted(std::move(places), options);
  }
  std::vector<FoundPlace> out;
  // In its own file: its group, and the same name where nobody can tell.
  const Symbol* symbol = asked.symbol();
  const bool shared = symbol == nullptr || is_elsewhere_too(*symbol);
  for (const FileName& name : asked.names->names) {
    if (name.name != asked.name->name || (name.defines && !options.include_declaration)) continue;
    const bool same = name.group == asked.name->group;
    if (!same && !(shared && name.group < 0)) continue;
    const bool certain = same && name.group >= 0;
    out.push_back(place_of_name(asked.source, *asked.names, name,
                                certain ? Certainty::kSyntactic : Certainty::kTextual));
  }
  if (shared && asked.name->kind != ReferenceKind::kImport) {
    ENGRAM_TRY_VOID(add_elsewhere(asked, options, false, out));
  }
  if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
  sort_places(out, asked.source->path);
  if (out.size() > options.limit) out.resize(options.limit);
  return out;
}

}  // namespace engram
