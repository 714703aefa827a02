// assist/navigation/definition_search.h: which definitions of other files a name may mean, best
// first.
//
// What an import names is certain as far as syntax goes; of the rest the qualifier, the enclosing
// type, what is included, the kind of use and nearness decide, in this order, and only the best
// class is kept. Private to assist/navigation.
//
// Threads: as SourceTexts.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "assist/navigation/source_texts.h"
#include "core/result.h"

namespace engram {

struct SoughtName {
  const SourceText& source;  // where it stands
  const FileNames& names;
  const FileName& name;
};

struct FoundDefinition {
  std::string path;
  std::optional<Symbol> symbol;  // absent: the whole file is meant
  Certainty certainty = Certainty::kTextual;
  int score = 0;
};

Result<std::vector<FoundDefinition>> search_definitions(SourceTexts& texts,
                                                        const SoughtName& sought,
                                                        std::stop_token stop);

}  // namespace engram
