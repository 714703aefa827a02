// indexer/syntax/query_file.h: the text of a query file, parsed.
//
// The language is tree-sitter's query language cut down to what a path automaton can decide while
// the tree is walked once (queries/README.md tells it to people): node and literal patterns,
// fields, !field, alternations, ?, captures, `.` as "first named child", predicates on one capture,
// and three directives of our own (#inherits! #look-through! #widen!).
//
// Threads: pure functions.  Errors: kInvalidArgument with "<file>:<line>: what is wrong".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

struct PatternSymbol {
  std::string name;
  bool named = true;
};

struct PatternNode {
  std::vector<PatternSymbol> symbols;  // any of these; empty: see `any`
  bool any = false;                    // _ or (_)
  bool any_named = false;              // (_)
  std::string field;                   // empty: any position
  bool negated = false;                // !field: must not be there
  bool first = false;                  // after a `.`: the first named child only
  bool optional = false;               // ?
  std::vector<std::string> captures;   // without the @
  std::vector<PatternNode> children;
  std::vector<PatternNode> alternatives;  // of [...] that has inner structure; gone after parsing
};

struct Predicate {
  std::string name;     // "any-of?", "not-any-of?" (eq?, not-eq? become these), "starts-with?"
  std::string capture;  // without the @
  std::vector<std::string> values;
};

struct Pattern {
  PatternNode root;
  std::vector<Predicate> predicates;
  std::string origin;  // "cpp/definitions.scm:12"
};

struct Directive {
  std::string name;  // "inherits!", "look-through!", "widen!"
  std::vector<std::string> arguments;
};

struct QueryFile {
  std::vector<Pattern> patterns;  // alternations expanded: one pattern for each way to choose
  std::vector<Directive> directives;
};

Result<QueryFile> parse_query_file(std::string_view name, std::string_view text);

}  // namespace engram
