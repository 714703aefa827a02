#include "assist/navigation/text_shift.h"

namespace engram {

TextShift::TextShift(std::string_view from, std::string_view to) : edit_(edited_region(from, to)) {}

std::optional<std::size_t> TextShift::map(std::size_t begin, std::size_t end) const {
  if (is_identity() || end < edit_.begin) return begin;
  // A name that touches the difference may have grown: `ab|` and `abc`.
  if (begin > edit_.end) return begin - edit_.end + edit_.begin + edit_.inserted;
  return std::nullopt;
}

}  // namespace engram
