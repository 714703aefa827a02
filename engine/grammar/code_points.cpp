#include "engine/grammar/code_points.h"

#include <algorithm>

#include "core/text.h"

namespace engram {

CodePointRanges complement(CodePointRanges ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  CodePointRanges out;
  std::uint32_t from = 0;
  for (const auto& range : ranges) {
    if (range.first > from) out.push_back({from, range.first - 1});
    from = std::max(from, range.last + 1);
  }
  if (from <= 0x10FFFF) out.push_back({from, 0x10FFFF});
  return out;
}

std::uint32_t take_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
  };
  const std::uint32_t first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size == 1 || size > text.size() - at || !is_valid_utf8(text.substr(at, size))) {
    ++at;
    return first;
  }
  std::uint32_t c = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) c = (c << 6) | (byte(i) & 0x3FU);
  at += size;
  return c;
}

}  // namespace engram
