// assist/navigation/stored_relations.h: which symbols stand how to one, as the semantic store has
// it. Private to assist/navigation.
//
// Who calls is the function around the call: of what stands in a lambda, or initialises a local
// variable, the named function around that.
//
// Threads: as SemanticReader.  Errors: those of SemanticReader; kCancelled.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "assist/navigation/symbol_relation.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

struct StoredUse {
  SemanticSource source;
  SemanticUse use;
};

struct StoredRelated {
  SymbolNumber symbol = kNoNumber;
  std::vector<StoredUse> calls;  // of callers and callees: where they are
};

// Each symbol once, at most `limit`.
Result<std::vector<StoredRelated>> related_symbols(SemanticReader& reader, SymbolNumber symbol,
                                                   SymbolRelation relation, std::size_t limit,
                                                   std::stop_token stop);

}  // namespace engram
