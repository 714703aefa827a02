#include "engine/tokenizer/piece_scanner.h"

namespace engram {

std::size_t PieceScanner::contraction(std::size_t position, bool fold_case) const {
  if (byte(position) != '\'') return 0;
  const auto letter = [&](std::size_t i) {
    const char c = byte(position + i);
    return fold_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  const char first = letter(1);
  const char second = letter(2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if ((first == 'r' || first == 'v') && second == 'e') return 3;
  if (first == 'l' && second == 'l') return 3;
  if (fold_case && first == '\xC5' && second == '\xBF') return 3;
  return 0;
}

std::size_t PieceScanner::spaces(std::size_t begin) const {
  std::size_t end = begin;
  std::size_t last = begin;
  for (CodePoint point = at(end); is_space(point); point = at(end)) {
    last = end;
    end += point.length;
  }
  return at(end).kind == CodePointClass::kEnd || last == begin ? end : last;
}

std::size_t PieceScanner::spaces_through_newline(std::size_t begin) const {
  std::size_t end = begin;
  std::size_t after_newline = begin;
  for (CodePoint point = at(end); is_space(point); point = at(end)) {
    end += point.length;
    if (point.kind == CodePointClass::kNewline) after_newline = end;
  }
  return after_newline;
}

}  // namespace engram
