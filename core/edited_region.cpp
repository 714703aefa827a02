#include "core/edited_region.h"

#include <algorithm>

namespace engram {

EditedRegion edited_region(std::string_view before, std::string_view after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  const auto most = static_cast<std::ptrdiff_t>(shorter);
  const auto head = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.begin() + most, after.begin()).first - before.begin());
  const auto rest = static_cast<std::ptrdiff_t>(shorter - head);
  const auto tail = static_cast<std::size_t>(
      std::mismatch(before.rbegin(), before.rbegin() + rest, after.rbegin()).first -
      before.rbegin());
  return {head, before.size() - tail, after.size() - tail - head};
}

}  // namespace engram
