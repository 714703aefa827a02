// SourceTexts: symbols and uses by name, as the store has them, and as open and changed files do.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "assist/navigation/source_texts.h"
#include "memory/name_match.h"

namespace engram {
namespace {

constexpr std::size_t kMaxChanged = 300;  // files read again for one question

ReferenceHit hit_of(const std::string& path, const FileName& name) {
  Reference r;
  r.name = name.name;
  r.kind = name.kind;
  r.begin = name.begin;
  r.end = name.end;
  r.line = name.line;
  r.column = name.column;
  return {path, std::move(r), Certainty::kTextual};
}

// A use that other files could mean too: bound to nothing here, or to what is seen from outside.
bool is_shared_use(const FileNames& names, const FileName& name) {
  return !name.defines &&
         (name.symbol < 0 || !names.symbols[static_cast<std::size_t>(name.symbol)].is_local);
}

}  // namespace

// Takes hits out whose file is open or changed; names the changed ones, to be read again.
template <class Hit>
std::vector<std::string> SourceTexts::drop_overlaid(std::vector<Hit>& hits) {
  std::set<std::string> changed;
  std::erase_if(hits, [&](const Hit& hit) {
    if (!is_overlaid(hit.path)) return false;
    if (!is_open(hit.path) && changed.size() < kMaxChanged) changed.insert(hit.path);
    return true;
  });
  std::vector<std::string> paths(changed.begin(), changed.end());
  for (const OpenText& open : open_) paths.push_back(open.path);
  return paths;
}

Result<std::vector<SymbolHit>> SourceTexts::symbols(const std::string& name, std::size_t limit) {
  std::vector<SymbolHit> hits;
  if (CatalogueReader* store = reader()) {
    CatalogueReader::SymbolQuery query;
    query.name = name;
    query.limit = limit;
    ENGRAM_TRY(stored, store->symbols(query));
    hits = std::move(stored);
  }
  for (const std::string& path : drop_overlaid(hits)) {
    const NamesSnapshot names = find_names(path);
    if (!names) continue;
    for (const Symbol& s : names->symbols) {
      if (s.name == name && !s.is_local) {
        hits.push_back({path, names->language, s, names->certainty, 0});
      }
    }
  }
  return hits;
}

Result<std::vector<SymbolHit>> SourceTexts::matching_symbols(const std::string& pattern,
                                                             std::size_t limit) {
  std::vector<SymbolHit> hits;
  if (CatalogueReader* store = reader()) {
    CatalogueReader::SymbolQuery query;
    query.name = pattern;
    query.fuzzy = true;
    query.limit = limit;
    ENGRAM_TRY(stored, store->symbols(query));
    hits = std::move(stored);
  }
  const NameMatcher matcher(pattern);
  for (const std::string& path : drop_overlaid(hits)) {
    const NamesSnapshot names = find_names(path);
    if (!names) continue;
    for (const Symbol& s : names->symbols) {
      if (!s.is_local && matcher.score(s.name) > 0) {
        hits.push_back({path, names->language, s, names->certainty, 0});
      }
    }
  }
  std::sort(hits.begin(), hits.end(), [&](const SymbolHit& a, const SymbolHit& b) {
    const auto rank = [&](const SymbolHit& hit) {
      return std::tuple(-matcher.score(hit.symbol.name), !hit.symbol.is_definition, hit.flags != 0,
                        std::string_view(hit.path), hit.symbol.begin);
    };
    return rank(a) < rank(b);
  });
  if (hits.size() > limit) hits.resize(limit);
  return hits;
}

std::optional<Symbol> SourceTexts::symbol_named_at(const std::string& path, const std::string& name,
                                                   std::uint32_t begin) {
  const auto there = [&](const std::vector<Symbol>& symbols) {
    const auto it = std::find_if(symbols.begin(), symbols.end(),
                                 [&](const Symbol& s) { return s.name_begin == begin; });
    return it == symbols.end() ? std::nullopt : std::optional<Symbol>(*it);
  };
  // What is stored of just this text costs no parsing.
  const SourceSnapshot source = find(path);
  CatalogueReader* const store = source ? reader() : nullptr;
  const auto file = store != nullptr ? store->file(path) : Result(std::optional<IndexedFile>());
  if (file && *file && (*file)->content == source->content) {
    const auto stored = store->symbols_in(path, name);
    if (const auto found = stored ? there(*stored) : std::nullopt) return found;
  }
  const NamesSnapshot names = find_names(path);
  return names ? there(names->symbols) : std::nullopt;
}

Result<std::vector<ReferenceHit>> SourceTexts::references(const std::string& name,
                                                          std::size_t limit) {
  std::vector<ReferenceHit> hits;
  if (CatalogueReader* store = reader()) {
    ENGRAM_TRY(stored, store->references(name, limit));
    hits = std::move(stored);
  }
  for (const std::string& path : drop_overlaid(hits)) {
    const NamesSnapshot names = find_names(path);
    if (!names) continue;
    for (const FileName& use : names->names) {
      if (use.name == name && is_shared_use(*names, use)) hits.push_back(hit_of(path, use));
    }
  }
  return hits;
}

}  // namespace engram
