// assist/completion/syntax_check.h: would the file have more syntax errors with the suggestion in?
//
// The document's tree is edited and reparsed incrementally. A suggestion may leave open what the
// next lines will close ("if (x) {"): such brackets are closed for the check only, and a line that
// ends inside an expression is checked with a name put there. If it makes things worse, shorter
// ones are tried, whole lines first.
//
// Threads: pure function over a tree of the caller's thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "assist/completion/completion.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {

struct SyntaxVerdict {
  Checked checked = Checked::kNone;
  std::size_t keep = 0;  // bytes of the suggestion that may be shown; 0: none
  std::string note;      // for the trace
};

// `torn`: the model was stopped in the middle of the line, so more of it is to be expected.
SyntaxVerdict check_syntax(const SyntaxTree& tree, std::size_t offset, std::string_view insertion,
                           bool torn);

}  // namespace engram
