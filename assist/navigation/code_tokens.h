// assist/navigation/code_tokens.h: what each name of a text is, for colouring.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <vector>

#include "assist/navigation/compiler_facts.h"
#include "core/certainty.h"
#include "indexer/syntax/file_names.h"
#include "memory/facts.h"

namespace engram {

struct CodeToken {
  std::uint32_t begin = 0, end = 0;
  SymbolKind kind = SymbolKind::kUnknown;
  bool declares = false, defines = false, writes = false;
  Certainty certainty = Certainty::kSyntactic;
  friend bool operator==(const CodeToken&, const CodeToken&) = default;
};

// Ascending and disjoint; of several meanings of one name the one that stands there.
std::vector<CodeToken> compiler_tokens(const CompiledNames& names);
// As far as syntax tells what a name is; others have no token.
std::vector<CodeToken> syntax_tokens(const FileNames& names);

// All of `tokens`, and of `others` what overlaps none of these. Both are ascending and disjoint.
std::vector<CodeToken> filled_up(std::vector<CodeToken> tokens,
                                 const std::vector<CodeToken>& others);

}  // namespace engram
