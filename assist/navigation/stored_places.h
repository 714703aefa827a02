// assist/navigation/stored_places.h: where what the semantic store tells is in the files as they
// are now. Private to assist/navigation.
//
// Places in a text that is another one by now are moved along, or left out where it changed
// (text_shift.h), and are inferred.
//
// Threads: as SourceTexts.  Errors: none; a file that cannot be read has no places.
#pragma once

#include <optional>
#include <string>

#include "assist/navigation/compiler_facts.h"
#include "assist/navigation/text_shift.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

class StoredPlaces {
 public:
  // `moved`: the question's own place was, so no answer is more than inferred.
  StoredPlaces(SourceTexts& texts, bool moved) : texts_(texts), moved_(moved) {}

  // Of a definition or declaration of `symbol`, with what is known of that.
  std::optional<CompilerPlace> place(const SemanticSource& source, const SemanticUse& use,
                                     const UnitSymbol& symbol);
  std::optional<CompilerPlace> place(const SemanticSource& source, const SemanticUse& use);

 private:
  void look_at(const SemanticSource& source);

  SourceTexts& texts_;
  bool moved_;
  // The source last asked about: places come source by source.
  std::optional<SemanticSource> source_;
  SourceSnapshot now_;  // null: not to be had
  std::optional<TextShift> shift_;
};

}  // namespace engram
