// engine/grammar/text_cursor.h: a place in a text that is being parsed; what both notations share.
//
// Threads: confined to one.  Errors: none; past the end there are zeros.
#pragma once

#include <cstddef>
#include <string_view>

namespace engram {

class TextCursor {
 protected:
  explicit TextCursor(std::string_view text) : text_(text) {}

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(std::string_view token) {  // true: it was next, and is behind us
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace engram
