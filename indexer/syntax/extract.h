// indexer/syntax/extract.h: from a file's text to its facts, by tree-sitter.
//
// Definitions, references, scopes and doc comments come from indexer/syntax/queries/<language>/;
// chunks from the syntax tree (chunker.h). Broken code is not an error: facts of what parsed, and
// error_bytes says how much did not. A pathological text hits the caps and yields a degraded
// answer (line chunks, no symbols) with the reason in `limited_by`.
//
// Threads: thread-safe; each thread reuses its own parsers.  Errors: kInvalidArgument unknown
// language; kCancelled.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/result.h"
#include "memory/facts.h"

namespace engram {

struct ExtractLimits {
  std::size_t max_bytes = 4u << 20;
  std::chrono::milliseconds parse_time{2000};
  std::size_t max_depth = 2000;          // deeper nesting is not walked
  std::size_t max_line_bytes = 100'000;  // longer lines: treated as minified
  std::size_t chunk_bytes = 1200;        // non-blank bytes a chunk may have
};

struct Extraction {
  FileFacts facts;
  std::string limited_by;  // empty, or a SkippedFile reason: "parse_timeout", "too_deep", ...
};

Result<Extraction> extract_facts(std::string_view language, std::string_view text,
                                 const ExtractLimits& limits = {}, std::stop_token stop = {});

}  // namespace engram
