// tests/syntax/fact_invariants.h: what holds of every extraction, whatever the text.
#pragma once

#include <string>
#include <string_view>

#include "memory/facts.h"

namespace engram {

// Empty when all hold, else which one does not: ranges inside the text, names where they say,
// order, parents before children, chunks disjoint, in order, holding every non-blank byte and no
// more than `chunk_bytes` of them each.
std::string broken_invariant(const FileFacts& facts, std::string_view text,
                             std::size_t chunk_bytes);

}  // namespace engram
