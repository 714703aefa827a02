// assist/completion/filters.h: what must not be shown, and what is trimmed before it is shown.
//
// Each filter has a reason code that reaches the user (status item, `engram why`). They run in the
// order of apply_filters; docs/design/001-completion.md says what each is there for.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/line_view.h"

namespace engram {

struct FilterNote {
  std::string filter;  // reason code
  std::string action;  // "dropped", or what was trimmed
};

struct Filtered {
  std::string text;    // what is left
  std::string reason;  // empty, or the code of the filter that dropped it
  std::string detail;  // for a person
  std::vector<FilterNote> notes;
};

struct FilterContext {
  CursorView cursor;
  std::string_view language;
  std::string_view path;
};

// "empty", "chat_text", "echoes_prompt", "repetition", "repeats_suffix", "duplicate_bracket".
Filtered apply_filters(const FilterContext& context, std::string text);

}  // namespace engram
