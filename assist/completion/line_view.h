// assist/completion/line_view.h: looking at a text around the cursor: lines, indentation, brackets,
// identifiers. Offsets are bytes; lines end at '\n' (a '\r' before it counts as blank).
//
// Threads: pure functions over borrowed text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

std::string_view trimmed(std::string_view s);
std::string_view trimmed_right(std::string_view s);
bool is_blank(std::string_view s);
std::size_t indentation(std::string_view line);  // columns; a tab counts 4

std::size_t line_begin(std::string_view text, std::size_t offset);
std::size_t line_end(std::string_view text, std::size_t offset);   // of the '\n', or the text's end
std::vector<std::string_view> split_lines(std::string_view text);  // without terminators

// The text around a cursor, cut into what the rules ask about.
struct CursorView {
  std::string_view text;
  std::size_t offset = 0;
  std::string_view line_before;  // from the line's start to the cursor
  std::string_view line_after;   // from the cursor to the line's end
  std::string_view below;        // everything after the cursor's line
  std::string_view above;        // everything before the cursor's line
  static CursorView at(std::string_view text, std::size_t offset);
};

std::string_view next_code_line(std::string_view below);      // first non-blank; empty: none
std::string_view previous_code_line(std::string_view above);  // last non-blank; empty: none

// Brackets of a piece of code that have no partner inside it. Strings and comments are not
// recognised beyond quotes on one line: good enough for a suggestion of a few lines.
struct UnmatchedBrackets {
  std::string closers;                      // in order: ")}"
  std::vector<std::size_t> closer_offsets;  // of each
  std::string openers;                      // in order: "({"
};
UnmatchedBrackets unmatched_brackets(std::string_view code);
char closer_of(char opener);

// Identifiers of at least `min_bytes`, in order, each once.
std::vector<std::string_view> identifiers_in(std::string_view text, std::size_t min_bytes = 2);

}  // namespace engram
