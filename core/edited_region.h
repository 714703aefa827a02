// core/edited_region.h: where two texts differ, as one region.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstddef>
#include <string_view>

namespace engram {

// [begin, end) of the older text became `inserted` bytes; before and behind it both are the same.
// Of equal texts it is empty, at their end. Bytes, not characters: it may begin or end inside one.
struct EditedRegion {
  std::size_t begin = 0, end = 0, inserted = 0;

  bool is_empty() const { return begin == end && inserted == 0; }
};
EditedRegion edited_region(std::string_view before, std::string_view after);

}  // namespace engram
