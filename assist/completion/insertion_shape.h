// assist/completion/insertion_shape.h: how much to write at a cursor: the rest of a line, or lines
// until the enclosing block ends.
//
// Lines are written only where a person would start some: on a line with nothing but indentation,
// or right after the opening of a block. Anywhere else, and always when text follows on the line,
// one line is the whole suggestion.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "assist/completion/line_view.h"

namespace engram {

struct InsertionShape {
  bool multi_line = false;
  bool opens_block = false;       // the cursor stands right behind '{' or ':'
  bool may_close = false;         // the block's closing line is missing below and belongs to us
  std::size_t block_indent = 0;   // lines indented less end the block (blank-line start)
  std::size_t opener_indent = 0;  // of the line that opens the block (opens_block)
  std::size_t max_lines = 1;
};

struct ShapeHints {
  bool single_line = false;           // asked for
  bool in_comment_or_string = false;  // from the syntax tree
  bool indentation_blocks = false;    // the language ends blocks by dedent
  std::size_t max_lines = 10;
};

InsertionShape insertion_shape(const CursorView& cursor, const ShapeHints& hints);

// Where the suggestion ends inside `generated`, once that can be said; nullopt: go on. `finished`:
// nothing more will come, so a last line without newline counts as whole.
std::optional<std::size_t> insertion_end(const InsertionShape& shape, std::string_view line_before,
                                         std::string_view generated, bool finished);

}  // namespace engram
