#include "indexer/clang/unit_recorder.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace engram {

namespace {

// Symbols in order of key; answers, for an old number, the new one.
std::vector<std::uint32_t> sort_symbols(std::vector<UnitSymbol>& symbols) {
  std::vector<std::uint32_t> order(symbols.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return symbols[a].key < symbols[b].key; });
  std::vector<UnitSymbol> sorted;
  std::vector<std::uint32_t> number(symbols.size());
  for (const std::uint32_t old : order) {
    number[old] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(symbols[old]));
  }
  symbols = std::move(sorted);
  return number;
}

void sort_occurrences(std::vector<Occurrence>& occurrences) {
  const auto place = [](const Occurrence& o) {
    return std::tuple(o.file, o.begin, o.end, o.symbol);
  };
  // The container decides, too: which of two is kept must not hang on the order they came in.
  std::sort(occurrences.begin(), occurrences.end(), [&](const auto& a, const auto& b) {
    return std::tuple_cat(place(a), std::tuple(a.container)) <
           std::tuple_cat(place(b), std::tuple(b.container));
  });
  std::size_t kept = 0;
  for (const Occurrence& o : occurrences) {
    if (kept > 0 && place(occurrences[kept - 1]) == place(o)) {
      occurrences[kept - 1].roles |= o.roles;
    } else {
      occurrences[kept++] = o;
    }
  }
  occurrences.resize(kept);
}

template <class T, class Key>
void sort_unique(std::vector<T>& items, Key key) {
  std::sort(items.begin(), items.end(), [&](const T& a, const T& b) { return key(a) < key(b); });
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

UnitRecorder::UnitRecorder(const clang::SourceManager& sources, const clang::LangOptions& language,
                           const UnitRequest& request, const HeldViews* held, std::string context)
    : system_headers_(request.system_headers),
      places_(sources, language),
      symbols_(sources, places_, request.root),
      views_(sources, places_, held, request.root, std::move(context)) {
  facts_.certainty = request.best_certainty;
  facts_.bodies_skipped = request.skip_bodies;
}

bool UnitRecorder::begin_unit(const UnitRequest& request, clang::FileID main_file) {
  facts_.certainty = request.best_certainty;
  facts_.bodies_skipped = request.skip_bodies;
  return places_.set_main_file(main_file);
}

bool UnitRecorder::wanted_in(clang::SourceLocation file_location, std::uint16_t roles) const {
  if (system_headers_ == SystemHeaders::kAll || !places_.in_system_file(file_location)) {
    return true;
  }
  return system_headers_ == SystemHeaders::kDeclarations &&
         (roles & (kRoleDeclaration | kRoleDefinition)) != 0;
}

void UnitRecorder::occurrence(std::uint32_t symbol, const FilePlace& place, std::uint16_t roles,
                              std::uint32_t container) {
  if (is_full() || !wanted_in(place.location, roles)) return;
  if (!places_.in_system_file(place.location)) symbols_.mention(symbol);
  if (place.from_macro) roles |= kRoleFromMacro;
  facts_.occurrences.push_back({place.file, place.begin, place.end, symbol, container, roles});
}

void UnitRecorder::link(std::uint32_t from, RelationKind kind, std::uint32_t to,
                        std::uint32_t file) {
  if (from != kNoNumber && to != kNoNumber && from != to)
    facts_.links.push_back({from, kind, to, file});
}

void UnitRecorder::inactive(const FilePlace& place) {
  if (!places_.in_system_file(place.location)) {
    facts_.inactive.push_back({place.file, place.begin, place.end});
  }
}

// Before the symbols are put in order: their numbers are the table's.
void UnitRecorder::drop_unused_symbols() {
  std::vector<std::uint32_t> number(facts_.symbols.size(), 0);
  for (const Occurrence& o : facts_.occurrences) {
    number[o.symbol] = 1;
    if (o.container != kNoNumber) number[o.container] = 1;
  }
  for (const SymbolLink& link : facts_.links) number[link.from] = number[link.to] = 1;
  for (const DefinitionExtent& extent : facts_.extents) number[extent.symbol] = 1;
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < number.size(); ++i) {
    if (number[i] == 0) continue;
    if (i != kept) facts_.symbols[kept] = std::move(facts_.symbols[i]);
    number[i] = kept++;
  }
  facts_.symbols.resize(kept);
  for (Occurrence& o : facts_.occurrences) {
    o.symbol = number[o.symbol];
    if (o.container != kNoNumber) o.container = number[o.container];
  }
  for (SymbolLink& link : facts_.links) {
    link.from = number[link.from];
    link.to = number[link.to];
  }
  for (DefinitionExtent& extent : facts_.extents) extent.symbol = number[extent.symbol];
}

UnitFacts UnitRecorder::finish() {
  facts_.views = views_.take(!facts_.bodies_skipped);
  facts_.symbols = symbols_.take();
  drop_unused_symbols();
  const std::vector<std::uint32_t> number = sort_symbols(facts_.symbols);
  for (Occurrence& o : facts_.occurrences) {
    o.symbol = number[o.symbol];
    if (o.container != kNoNumber) o.container = number[o.container];
  }
  for (SymbolLink& link : facts_.links) {
    link.from = number[link.from];
    link.to = number[link.to];
  }
  for (DefinitionExtent& extent : facts_.extents) extent.symbol = number[extent.symbol];
  sort_occurrences(facts_.occurrences);
  sort_unique(facts_.links, [](const SymbolLink& l) { return l; });
  sort_unique(facts_.extents, [](const DefinitionExtent& e) {
    return std::tuple(e.file, e.begin, e.end, e.symbol, e.body_begin, e.body_end);
  });
  sort_unique(facts_.inactive,
              [](const InactiveRegion& r) { return std::tuple(r.file, r.begin, r.end); });
  facts_.files = places_.take_files();
  return std::move(facts_);
}

}  // namespace engram
