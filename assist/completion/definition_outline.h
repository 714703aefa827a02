// assist/completion/definition_outline.h: definitions from the catalogue as short pieces of their
// files: heads of functions, classes with their members, constants.
//
// Threads: confined to the thread of the reader.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "assist/completion/context.h"
#include "memory/catalogue.h"

namespace engram {

// Best last. `may_go_on` is asked between look-ups; false ends with what there is.
std::vector<PromptSnippet> outline_definitions(CatalogueReader& reader, const ContextQuery& query,
                                               const std::function<bool()>& may_go_on);

}  // namespace engram
