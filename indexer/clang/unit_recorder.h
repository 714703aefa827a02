// indexer/clang/unit_recorder.h: gathers the facts of one translation unit while Clang parses it.
//
// Whoever listens to Clang (declarations, preprocessor, diagnostics) tells it what was seen, in any
// order and as often as Clang says it; finish() sorts, joins what was told twice, and numbers the
// symbols by key, so that equal sources give equal facts.
//
// Threads: confined to the parse.  Errors: none; past kMaxOccurrences the rest is dropped and the
// unit is refused.
#pragma once

#include <string>

#include "indexer/clang/file_places.h"
#include "indexer/clang/symbol_table.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

constexpr std::size_t kMaxOccurrences = 8'000'000;

class UnitRecorder {
 public:
  UnitRecorder(const clang::SourceManager& sources, const clang::LangOptions& language,
               const UnitRequest& request);

  FilePlaces& places() { return places_; }
  SymbolTable& symbols() { return symbols_; }

  void occurrence(std::uint32_t symbol, const FilePlace& place, std::uint16_t roles,
                  std::uint32_t container);
  void link(std::uint32_t from, RelationKind kind, std::uint32_t to);
  void inclusion(const Inclusion& inclusion) { facts_.inclusions.push_back(inclusion); }
  void extent(const DefinitionExtent& extent) { facts_.extents.push_back(extent); }
  void inactive(const FilePlace& place);
  bool is_full() const { return facts_.occurrences.size() >= kMaxOccurrences; }

  UnitFacts finish();

 private:
  bool wanted(const FilePlace& place, std::uint16_t roles) const;

  SystemHeaders system_headers_;
  FilePlaces places_;
  SymbolTable symbols_;
  UnitFacts facts_;
};

}  // namespace engram
