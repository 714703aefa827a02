// indexer/syntax/query_set.h: the query files of each language, compiled once.
//
// The files of queries/<language>/ are embedded at build time (embed_queries.cmake).
//
// Threads: thread-safe; compiled on first use, constant afterwards. matcher_of_thread() gives the
// calling thread its own.
#pragma once

#include <span>
#include <string_view>

#include "core/result.h"
#include "indexer/syntax/path_automaton.h"

namespace engram {

struct EmbeddedQuery {
  std::string_view path;  // "cpp/definitions.scm"
  std::string_view text;
};
std::span<const EmbeddedQuery> embedded_queries();

// kInvalidArgument: unknown language, or a query file that does not fit its grammar (our bug; a
// test compiles every language).
Result<const PathAutomaton*> automaton_of(std::string_view language);
Result<Matcher*> matcher_of_thread(std::string_view language);

}  // namespace engram
