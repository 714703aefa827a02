// assist/navigation/found_places.h: places as answers say them. Private to assist/navigation.
//
// Threads: as SourceTexts.
#pragma once

#include <string_view>
#include <vector>

#include "assist/navigation/navigator.h"

namespace engram {

FoundPlace place_of_symbol(const SourceSnapshot& source, const Symbol& symbol, Certainty certainty);
FoundPlace place_of_name(const SourceSnapshot& source, const FileNames& names, const FileName& name,
                         Certainty certainty);
// Those whose file is readable now.
std::vector<FoundPlace> from_compiler(SourceTexts& texts, const std::vector<CompilerPlace>& places);
std::vector<RelatedSymbol> from_compiler(SourceTexts& texts,
                                         const std::vector<CompilerRelated>& related);

// By path, `first_path` before the others, and offset; each place once.
void sort_places(std::vector<FoundPlace>& places, std::string_view first_path);
// Without declarations when there are definitions.
void keep_definitions(std::vector<FoundPlace>& places);

}  // namespace engram
