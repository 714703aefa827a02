// lsp/hover_text.h: what a hover says: head, comment, what it measures, where it is defined, and
// how each is known.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <optional>
#include <string>

#include "assist/navigation/navigator.h"
#include "indexer/semantic/live_units.h"

namespace engram::lsp {

// What the live parse of the open file says of the name; of exactly this text.
struct HoverDetails {
  LiveDetails details;
  Certainty certainty = Certainty::kSemantic;  // of the file's command
};

// One of the two is there. `language`: of the asking file, for code fences.
std::string hover_text(const std::optional<HoverText>& hover,
                       const std::optional<HoverDetails>& live, const std::string& language,
                       bool markdown);

}  // namespace engram::lsp
