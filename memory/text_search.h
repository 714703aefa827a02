// memory/text_search.h: substring and regular-expression search over everything the store holds.
//
// Texts are searched as indexed; the working tree is not read. Every match is verified on the
// text itself; the trigram filters only leave out contents that cannot match. One match a line,
// in order of path and line. What was not searched is named: files the index skipped, and
// whether the limit cut the answer.
//
// Threads: thread-safe (opens its own reader); uses up to `threads` threads for its own work.
// Errors: kInvalidArgument bad pattern; kCancelled; those of CatalogueReader::open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "memory/facts.h"

namespace engram {

struct TextQuery {
  std::string pattern;
  bool regex = false;              // else a plain string
  bool word = false;               // not inside a longer identifier
  bool ignore_case = false;        //
  std::vector<std::string> globs;  // memory/glob.h; empty: every path
  std::size_t limit = 1000;        // matches
  unsigned threads = 0;            // 0: number of cores
};

struct TextMatch {
  std::string path;
  std::uint32_t line = 0, column = 0;  // 1-based, column in bytes, of the line's first match
  std::uint64_t begin = 0, end = 0;    // of that match, bytes into the file
  std::string text;                    // the line; of a long one, the part around the match
  std::uint32_t flags = 0;             // FileFlag bits of its file
};

struct TextSearchAnswer {
  std::vector<TextMatch> matches;
  bool truncated = false;            // there are more than `limit`
  std::vector<SkippedFile> skipped;  // not in the store, so not searched; only paths that the
                                     // globs accept
  std::uint64_t files_searched = 0;  // all of the store that the globs accept
  std::uint64_t files_read = 0;      // of these, what the filters could not rule out
};

Result<TextSearchAnswer> search_text(const std::filesystem::path& store, const TextQuery& query,
                                     std::stop_token stop = {});

}  // namespace engram
