// assist/navigation/document_outline.h: the symbols of a file as a tree, without locals.
//
// Threads: pure function.
#pragma once

#include <cstddef>
#include <vector>

#include "memory/facts.h"

namespace engram {

struct OutlineNode {
  const Symbol* symbol = nullptr;  // borrowed from the list given
  std::vector<OutlineNode> children;
};

// In order of the text; deeper than 64 levels is left out.
std::vector<OutlineNode> document_outline(const std::vector<Symbol>& symbols);

}  // namespace engram
