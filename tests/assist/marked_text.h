// tests/assist/marked_text.h: a text with '^' where the cursor stands.
#pragma once

#include <string>
#include <string_view>

#include "assist/completion/line_view.h"
#include "tests/support/catch.h"

namespace engram {

struct MarkedText {
  std::string text;
  std::size_t offset = 0;
  explicit MarkedText(std::string_view marked) : text(marked), offset(text.find('^')) {
    REQUIRE(offset != std::string::npos);
    text.erase(offset, 1);
  }
  CursorView cursor() const { return CursorView::at(text, offset); }
};

}  // namespace engram
