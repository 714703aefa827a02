// assist/completion/earlier_suggestion.h: what was written at a line lately, as a draft of what
// will be: a suggestion asked for again after an edit, a key typed along it or beside it, or one
// taken back, mostly repeats it.
//
// Threads: plain values.  Errors: none.
#pragma once

#include <string>
#include <string_view>

namespace engram {

struct EarlierSuggestion {
  std::string line_above;   // the last one with something on it
  std::string line_before;  // from the line's start to the cursor, when it was written
  std::string text;         // as the model wrote it
};

// The part of it that may still be written where the line now reads `line_before`; empty when that
// is another line.
std::string old_text_for(const EarlierSuggestion& earlier, std::string_view line_above,
                         std::string_view line_before);

}  // namespace engram
