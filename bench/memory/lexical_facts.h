// bench/memory/lexical_facts.h: facts of C-like text by a lexer, as dense as a parser's.
//
// The store is measured without the parser: every identifier that is no keyword is a reference,
// a name before '(' at shallow depth a definition, about 1200 non-blank bytes of lines a chunk.
#pragma once

#include <string_view>

#include "memory/facts.h"

namespace engram {

FileFacts lexical_facts(std::string_view text);

}  // namespace engram
