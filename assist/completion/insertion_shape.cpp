#include "assist/completion/insertion_shape.h"

namespace engram {

namespace {

bool opens_block(std::string_view line_before, bool indentation_blocks) {
  const std::string_view code = trimmed_right(line_before);
  return code.ends_with('{') || (indentation_blocks && code.ends_with(':'));
}

bool is_closing_line(std::string_view line) {
  const std::string_view code = trimmed(line);
  return code.starts_with('}') || code.starts_with(')') || code.starts_with(']') || code == "end" ||
         code == "fi" || code == "done" || code == "esac" || code == "endif";
}

// True when the line after the cursor already closes a block opened at this indentation.
bool closed_below(std::string_view below, std::size_t opener_indent) {
  const std::string_view next = next_code_line(below);
  return is_closing_line(next) && indentation(next) == opener_indent;
}

}  // namespace

InsertionShape insertion_shape(const CursorView& cursor, const ShapeHints& hints) {
  InsertionShape shape;
  if (hints.single_line || hints.in_comment_or_string || !is_blank(cursor.line_after)) return shape;
  if (opens_block(cursor.line_before, hints.indentation_blocks)) {
    shape.opens_block = true;
    shape.opener_indent = indentation(cursor.line_before);
    // A body that is already there below is not written a second time.
    const std::string_view next = next_code_line(cursor.below);
    if (!next.empty() && indentation(next) > shape.opener_indent) return shape;
    shape.may_close = !hints.indentation_blocks && !closed_below(cursor.below, shape.opener_indent);
  } else if (!is_blank(cursor.line_before)) {
    return shape;
  }
  shape.multi_line = true;
  shape.block_indent = indentation(cursor.line_before);
  shape.max_lines = hints.max_lines;
  return shape;
}

std::optional<std::size_t> insertion_end(const InsertionShape& shape, std::string_view line_before,
                                         std::string_view generated, bool finished) {
  if (!shape.multi_line) {
    std::size_t end = line_end(generated, 0);
    if (end == generated.size() && !finished) return std::nullopt;
    if (end > 0 && generated[end - 1] == '\r') --end;
    return end;
  }
  const bool at_margin = is_blank(line_before) && line_before.empty();
  std::optional<std::size_t> block_indent;  // fixed by the first line with code
  if (!shape.opens_block && !at_margin) block_indent = shape.block_indent;
  std::size_t code_lines = 0, begin = 0;
  for (std::size_t i = 0; begin <= generated.size(); ++i) {
    const std::size_t end = line_end(generated, begin);
    const bool whole = end < generated.size() || finished;
    const std::string_view line = generated.substr(begin, end - begin);
    const std::size_t cut = begin == 0 ? 0 : begin - 1;  // before this line's newline
    if (!is_blank(line)) {
      // The first line stands behind what is before the cursor, indentation included.
      const std::size_t indent =
          i == 0 ? (at_margin ? indentation(line) : shape.block_indent) : indentation(line);
      if (shape.opens_block && i > 0 && indent <= shape.opener_indent) {
        const bool ours = shape.may_close && is_closing_line(line) && code_lines > 0 &&
                          indent == shape.opener_indent;
        if (!ours) return cut;
        if (whole) return end;
        return std::nullopt;
      }
      if (block_indent && indent < *block_indent) return cut;
      // A closer at the block's own depth that nothing here opened ends the enclosing block.
      if (!shape.opens_block && is_closing_line(line) &&
          !unmatched_brackets(generated.substr(0, end)).closers.empty()) {
        return cut;
      }
      if (!block_indent && !(shape.opens_block && i == 0)) block_indent = indent;
      if (whole) ++code_lines;
      if (code_lines == shape.max_lines) return end;
    } else if (whole && code_lines > 0) {
      return cut;  // an empty line ends the paragraph
    }
    if (end == generated.size()) break;
    begin = end + 1;
  }
  return finished ? std::optional(generated.size()) : std::nullopt;
}

}  // namespace engram
