// lsp/text_positions.h: between a client's positions and bytes of a text.
//
// A position outside the text is taken into it; none lies inside a character.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstddef>
#include <string>

#include "core/text.h"
#include "lsp/protocol.h"

namespace engram::lsp {

// `lines`: those of `text`.
std::size_t offset_at(const std::string& text, const LineIndex& lines, PositionEncoding encoding,
                      const Position& position);
Position position_at(const std::string& text, const LineIndex& lines, PositionEncoding encoding,
                     std::size_t offset);

}  // namespace engram::lsp
