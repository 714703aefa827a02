// assist/completion/sources.h: which facts a suggestion rests on: where the names in it come from.
//
// A name is found in the definitions and chunks of the prompt, or earlier in the file itself. Names
// that stand nowhere have no source and are not given one.
//
// Threads: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "assist/completion/completion.h"
#include "assist/completion/prompt.h"

namespace engram {

struct Sources {
  std::vector<FactSource> places;             // at most eight, definitions first
  Certainty certainty = Certainty::kTextual;  // of the weakest
};

// Where the file has the name, 1-based: nearest before `offset`, else the last time behind it; 0:
// nowhere.
std::uint32_t line_of_name(std::string_view text, std::string_view name, std::size_t offset);

Sources find_sources(std::string_view suggestion, const std::vector<PromptSnippet>& snippets,
                     std::string_view path, std::string_view text, std::size_t offset);

}  // namespace engram
