// assist/navigation/stored_names.h: the names of one text as the semantic store knows them.
// Private to assist/navigation.
//
// Threads: as SemanticReader.  Errors: those of SemanticReader.
#pragma once

#include <optional>

#include "assist/navigation/compiler_facts.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

// nullopt when no compiler has read the file. Of a text that changed since, what stands before and
// behind the change, as inferred.
Result<std::optional<CompiledNames>> stored_names(SemanticReader& reader, SourceTexts& texts,
                                                  const SourceText& source);

}  // namespace engram
