// indexer/syntax/file_names.h: every name of one text, and what it names inside that text.
//
// Names of one thing share a group: a local variable with its uses by nested scopes, a type,
// function or member with what is written through its own type, `self` or `this`, or its enclosing
// scopes. A name that this text does not define has no group: only other files know it. Types of
// expressions are not computed, so `x.name` stays without a group unless x says its type.
//
// Threads: pure function.  Errors: those of extract_facts.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/syntax/extract.h"
#include "memory/facts.h"

namespace engram {

struct FileName {
  std::string name;  // an import's without quotes: "foo/bar.h", "os.path"
  std::uint32_t begin = 0, end = 0;
  std::uint32_t line = 0, column = 0;        // 1-based, bytes
  ReferenceKind kind = ReferenceKind::kUse;  // of a use
  bool defines = false;                      // it is the name of symbols[symbol] itself
  bool qualified = false;                    // written behind ".", "->" or "::"
  std::string qualifier;                     // the identifier before that; empty: an expression
  std::int32_t enclosing = -1;               // the innermost symbol that it stands in
  std::int32_t symbol = -1;                  // what it names, definitions first; -1: not from here
  std::int32_t group = -1;                   // index into FileNames::groups, or -1
};

struct FileNames {
  std::string language;
  Certainty certainty = Certainty::kSyntactic;
  std::vector<Symbol> symbols;                    // as FileFacts::symbols
  std::vector<FileName> names;                    // in order, disjoint
  std::vector<std::vector<std::int32_t>> groups;  // indices into symbols, definitions first
  std::string limited_by;                         // as Extraction::limited_by

  // The name that covers `offset`, or ends there; nullptr: none.
  const FileName* at(std::size_t offset) const;
};

Result<FileNames> read_names(std::string_view language, std::string_view text,
                             const ExtractLimits& limits = {}, std::stop_token stop = {});

}  // namespace engram
