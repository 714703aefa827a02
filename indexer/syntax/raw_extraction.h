// indexer/syntax/raw_extraction.h: a text parsed and walked within its limits, before assembly.
//
// What extract_facts() and read_names() share. Private to indexer/syntax.
//
// Threads: thread-safe.  Errors: kInvalidArgument unknown language; kCancelled.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/text.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/parse.h"
#include "indexer/syntax/raw_facts.h"

namespace engram {

struct RawExtraction {
  const LanguageTraits* language = nullptr;
  Tree tree;  // null: a limit was met, named in limited_by
  RawFacts raw;
  std::string limited_by;
};

// `lines`: of `text`; not looked at when the text is too large.
Result<RawExtraction> extract_raw(std::string_view language, std::string_view text,
                                  const LineIndex& lines, const ExtractLimits& limits,
                                  bool keep_scopes, std::stop_token stop);

}  // namespace engram
