#include "assist/navigation/text_shift.h"

#include <algorithm>

namespace engram {

TextShift::TextShift(std::string_view from, std::string_view to) : same_(from == to) {
  const std::size_t shorter = std::min(from.size(), to.size());
  while (prefix_ < shorter && from[prefix_] == to[prefix_]) ++prefix_;
  std::size_t suffix = 0;
  while (suffix < shorter - prefix_ &&
         from[from.size() - 1 - suffix] == to[to.size() - 1 - suffix]) {
    ++suffix;
  }
  from_suffix_ = from.size() - suffix;
  to_suffix_ = to.size() - suffix;
}

std::optional<std::size_t> TextShift::map(std::size_t begin, std::size_t end) const {
  if (same_ || end < prefix_) return begin;
  // A name that touches the difference may have grown: `ab|` and `abc`.
  if (begin > from_suffix_) return begin - from_suffix_ + to_suffix_;
  return std::nullopt;
}

}  // namespace engram
