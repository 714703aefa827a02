// memory/engrams/view_part.h: one segment as a view sees it. Private to the files of EngramView.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "memory/engrams/lookup.h"
#include "memory/engrams/segment.h"
#include "memory/engrams/snapshot.h"

namespace engram {

struct EngramView::Part {
  std::shared_ptr<const EngramSegment> segment;
  std::vector<PositionRange> left_out;   // contents that do not count, or are hidden by a buffer
  std::vector<PositionRange> same_file;  // the saved contents being written, unless hidden
  bool all_same_file = false;            // its buffer
  const EngramSnapshot::Part* stored = nullptr;  // null for a buffer
  std::string path;                              // of a buffer

  bool counts(std::uint32_t position) const {
    return left_out.empty() || !in_ranges(left_out, position);
  }
  bool is_same_file(std::uint32_t position) const {
    return all_same_file || (!same_file.empty() && in_ranges(same_file, position));
  }
};

}  // namespace engram
