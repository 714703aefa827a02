// assist/navigation/stored_places.h: where what the semantic store tells is in the files as they
// are now. Private to assist/navigation.
//
// Places in a text that is another one by now are moved along, or left out where it changed
// (text_shift.h), and are inferred.
//
// Threads: as SourceTexts.  Errors: none; a file that cannot be read has no places.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assist/navigation/compiler_facts.h"
#include "assist/navigation/text_shift.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

// Not written at the place: a conversion, a destructor, what a macro's body says.
inline constexpr std::uint16_t kUnwritten = kRoleImplicit | kRoleFromMacro;

std::string role_name(std::uint16_t roles);  // "definition", "call", "use", ...

class StoredPlaces {
 public:
  // `moved`: the question's own place was, so no answer is more than inferred.
  StoredPlaces(SourceTexts& texts, bool moved) : texts_(texts), moved_(moved) {}

  // Of a definition or declaration of `symbol`, with what is known of that.
  std::optional<CompilerPlace> place(const SemanticSource& source, const SemanticUse& use,
                                     const UnitSymbol& symbol);
  std::optional<CompilerPlace> place(const SemanticSource& source, const SemanticUse& use);

  // Places in these will be asked for.
  void read_ahead(const std::vector<SourceUses>& sources);

 private:
  struct Seen {
    SourceSnapshot now;              // null: not to be had
    std::optional<TextShift> shift;  // where the text is another one now
  };
  const Seen& look_at(const SemanticSource& source);

  SourceTexts& texts_;
  bool moved_;
  using SeenSources = std::map<std::pair<std::string, Sha256>, Seen>;  // by path and content
  SeenSources seen_;
  const SeenSources::value_type* last_ = nullptr;  // most places stand where the one before does
};

}  // namespace engram
