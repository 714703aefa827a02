// assist/navigation/asked_place.h: what a Navigator knows of the position it is asked about.
// Private to the navigator*.cpp.
//
// Threads: as Navigator.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "assist/navigation/macro_words.h"
#include "assist/navigation/navigator.h"

namespace engram {

// A position with the name that stands there, if any.
struct Navigator::Asked {
  SourceSnapshot source;
  NamesSnapshot names;
  const FileName* name = nullptr;
  std::size_t offset = 0;
  std::shared_ptr<const MacroWord> macro_word;  // then `name` is its name

  const Symbol* symbol() const {
    return name != nullptr && name->symbol >= 0
               ? &names->symbols[static_cast<std::size_t>(name->symbol)]
               : nullptr;
  }
};

inline bool is_elsewhere_too(const Symbol& s) { return !s.is_local; }

// No unit with its own command says it: commands were guessed, or all had errors. Then the
// compiler may not have read all there is.
inline bool is_guess(const std::vector<FoundPlace>& places) {
  return !places.empty() && std::none_of(places.begin(), places.end(), [](const FoundPlace& p) {
    return p.certainty == Certainty::kSemantic;
  });
}

}  // namespace engram
