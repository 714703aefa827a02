// indexer/syntax/scanner_guard.h: keeps text away from grammars that could not survive it.
//
// An external scanner is C code of the grammar's; two of the pinned ones write or read out of
// bounds on hostile text: Markdown's saves one word for each open block without a limit, Ruby's
// saves the length of a here-document's word in one byte. Such text is cut by lines instead of
// parsed.
//
// Threads: pure function.
#pragma once

#include <string_view>

namespace engram {

// True when `text` must not be parsed as `language`.
bool breaks_scanner(std::string_view language, std::string_view text);

}  // namespace engram
