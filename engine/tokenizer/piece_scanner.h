// engine/tokenizer/piece_scanner.h: reads the classes of a text, and the parts that the expressions
// of pre-tokenizers have in common. Private to engine/tokenizer.
//
// A window makes the text end early, at the first code point that `ends` says is not of it: where
// expressions apply in sequence, the later ones see only what an earlier one left.
//
// Threads: confined.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/tokenizer/code_point.h"

namespace engram {

inline bool is_space(const CodePoint& point) {  // \s
  return point.kind == CodePointClass::kSpace || point.kind == CodePointClass::kNewline;
}

class PieceScanner {
 public:
  using Ends = bool (*)(const CodePoint&);
  explicit PieceScanner(std::string_view text, Ends ends = nullptr)
      : text_(text), classes_(CodePointClasses::get()), ends_(ends) {}

  CodePoint at(std::size_t position) const {
    const CodePoint point = classes_.at(text_, position);
    return ends_ != nullptr && point.length > 0 && ends_(point) ? CodePoint{} : point;
  }
  char byte(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

  // End of the run from `position` of code points that `belongs` takes, at most `limit` of them.
  template <class Belongs>
  std::size_t run_of(std::size_t position, Belongs belongs, std::size_t limit = SIZE_MAX) const {
    for (; limit > 0; --limit) {
      const CodePoint point = at(position);
      if (point.length == 0 || !belongs(point)) break;
      position += point.length;
    }
    return position;
  }
  std::size_t run(std::size_t position, CodePointClass kind, std::size_t limit = SIZE_MAX) const {
    return run_of(position, [=](const CodePoint& point) { return point.kind == kind; }, limit);
  }

  // Bytes of a contraction such as "'ll" at `position`; 0 when there is none. Folding case, the
  // long s (U+017F) is an s too.
  std::size_t contraction(std::size_t position, bool fold_case) const;
  // \s+(?!\S)|\s+ : a run of spaces leaves its last one to the word that follows.
  std::size_t spaces(std::size_t begin) const;
  // \s*[\r\n]+ : through the last line end of a run of spaces; `begin` when it has none.
  std::size_t spaces_through_newline(std::size_t begin) const;

 private:
  std::string_view text_;
  const CodePointClasses& classes_;
  Ends ends_;
};

}  // namespace engram
