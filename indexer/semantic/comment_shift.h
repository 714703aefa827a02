// indexer/semantic/comment_shift.h: two texts of one C or C++ source that differ in comments and
// spaces alone, and where a place of the older one is in the newer one.
//
// What the compiler knows of the older text then holds of the newer one, but for positions and what
// comments say. Tokens must be spelled alike, begin lines alike (a directive ends with its line)
// and touch alike (`#define f (x)`, `> >`): what is doubtful is no match. Not noticed: names that a
// macro makes of __LINE__.
//
// Threads: pure values.  Errors: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace engram {

struct SourceToken {
  std::uint32_t begin = 0, end = 0;
  bool starts_line = false;  // no other token before it on its line
  bool touches = false;      // nothing at all between it and the one before
};

// Without comments. Never fails: what is no token of the language is one of some kind here.
std::vector<SourceToken> source_tokens(std::string_view text);

class CommentShift {
 public:
  // nullopt: they differ in more.
  static std::optional<CommentShift> between(std::string_view from, std::string_view to);

  // Order is kept; a place in a comment stays in the gap between the same two tokens.
  std::uint32_t map(std::uint32_t offset) const;

 private:
  std::vector<SourceToken> from_, to_;
  std::uint32_t to_size_ = 0;
};

}  // namespace engram
