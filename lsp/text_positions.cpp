#include "lsp/text_positions.h"

namespace engram::lsp {

std::size_t offset_at(const std::string& text, const LineIndex& lines, PositionEncoding encoding,
                      const Position& position) {
  const TextPosition at{position.line, position.character};
  if (encoding == PositionEncoding::kUtf16) return lines.offset_utf16(text, at);
  return utf8_floor(text, lines.offset(text, at));
}

Position position_at(const std::string& text, const LineIndex& lines, PositionEncoding encoding,
                     std::size_t offset) {
  const TextPosition at = encoding == PositionEncoding::kUtf16 ? lines.position_utf16(text, offset)
                                                               : lines.position(offset);
  return {at.line, at.column};
}

}  // namespace engram::lsp
