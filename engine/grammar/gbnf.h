// engine/grammar/gbnf.h: grammars as text, in the notation of llama.cpp's GBNF.
//
//   root  ::= item ("," item)*       # a comment
//   item  ::= [a-z]+ | "\"" [^"\x00-\x1f]* "\"" | digit{1,3}
//   digit ::= [0-9]
//
// Classes and "." are over code points. The text must match the rule "root".
//
// Threads: pure function.  Errors: kInvalidArgument with line and column.
#pragma once

#include <string_view>

#include "core/result.h"
#include "engine/grammar/grammar.h"

namespace engram {

Result<Grammar> parse_gbnf(std::string_view text);

}  // namespace engram
