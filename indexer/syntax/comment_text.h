// indexer/syntax/comment_text.h: comments and white space turned into readable text.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace engram {

// A comment or docstring without its marks (// /* * # -- """ ...), lines kept, at most `max_bytes`
// (cut at a character).
std::string comment_text(std::string_view raw, std::size_t max_bytes);

// True for `int x;  ///< doc`: it documents what stands before it.
bool documents_backwards(std::string_view raw);

// White space runs folded to one blank, ends trimmed, at most `max_bytes`.
std::string fold_white_space(std::string_view raw, std::size_t max_bytes);

inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
std::string_view trim_blank(std::string_view text);

}  // namespace engram
