// indexer/clang/unit_recorder.h: gathers the facts of one translation unit while Clang parses it.
//
// Whoever listens to Clang (declarations, preprocessor, diagnostics) tells it what was seen, in any
// order and as often as Clang says it; finish() sorts, joins what was told twice, and numbers the
// symbols by key, so that equal sources give equal facts. Of headers that another unit told
// (header_views.h) it keeps nothing, and of symbols only those that something kept refers to.
//
// Threads: confined to the parse.  Errors: none; past kMaxOccurrences the rest is dropped and the
// unit is refused.
#pragma once

#include <string>

#include "indexer/clang/file_places.h"
#include "indexer/clang/header_views.h"
#include "indexer/clang/symbol_table.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

constexpr std::size_t kMaxOccurrences = 8'000'000;

class UnitRecorder {
 public:
  UnitRecorder(const clang::SourceManager& sources, const clang::LangOptions& language,
               const UnitRequest& request, const HeldViews* held, std::string context);

  // What was told so far belongs to this unit, which was not known before.
  bool begin_unit(const UnitRequest& request, clang::FileID main_file);

  FilePlaces& places() { return places_; }
  SymbolTable& symbols() { return symbols_; }
  HeaderViews& views() { return views_; }

  // Whether something in that file, or at that place, is told at all.
  bool wanted_in(clang::SourceLocation file_location, std::uint16_t roles) const;
  bool told_here(const FilePlace& place) const { return !views_.told_elsewhere(place.reading); }

  void occurrence(std::uint32_t symbol, const FilePlace& place, std::uint16_t roles,
                  std::uint32_t container);
  // Told in `file`.
  void link(std::uint32_t from, RelationKind kind, std::uint32_t to, std::uint32_t file);
  void inclusion(const Inclusion& inclusion) { facts_.inclusions.push_back(inclusion); }
  void extent(const DefinitionExtent& extent) { facts_.extents.push_back(extent); }
  void inactive(const FilePlace& place);
  bool is_full() const { return facts_.occurrences.size() >= kMaxOccurrences; }

  UnitFacts finish();

 private:
  void drop_unused_symbols();

  SystemHeaders system_headers_;
  FilePlaces places_;
  SymbolTable symbols_;
  HeaderViews views_;
  UnitFacts facts_;
};

}  // namespace engram
