// assist/navigation/text_shift.h: where a place of an older text is in a newer one.
//
// What stands before the first difference stays, what stands behind the last one moves by the
// difference in length; between them nothing is known.
//
// Threads: pure values.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/edited_region.h"

namespace engram {

class TextShift {
 public:
  TextShift(std::string_view from, std::string_view to);

  // The place of [begin, end) of `from` in `to`; nullopt when it touches the difference.
  std::optional<std::size_t> map(std::size_t begin, std::size_t end) const;
  bool is_identity() const { return edit_.is_empty(); }

 private:
  EditedRegion edit_;
};

}  // namespace engram
