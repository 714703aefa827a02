#include "engine/grammar/utf8_ranges.h"

#include <algorithm>

namespace engram {
namespace {

std::size_t encoded_size(std::uint32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

void encode(std::uint32_t c, std::size_t size, std::array<std::uint8_t, 4>& out) {
  constexpr std::uint8_t kLead[] = {0x00, 0xC0, 0xE0, 0xF0};
  for (std::size_t i = size; i-- > 1; c >>= 6) {
    out[i] = static_cast<std::uint8_t>(0x80 | (c & 0x3F));
  }
  out[0] = static_cast<std::uint8_t>(kLead[size - 1] | c);
}

// Cuts the range where all but its last byte, or a length, would change within it.
void split(std::uint32_t first, std::uint32_t last, std::vector<Utf8Sequence>& out) {
  if (first > last) return;
  for (const std::uint32_t end : {0x7FU, 0x7FFU, 0xFFFFU}) {
    if (first <= end && end < last) {
      split(first, end, out);
      return split(end + 1, last, out);
    }
  }
  const std::size_t size = encoded_size(first);
  for (std::size_t i = 1; i < size; ++i) {
    const std::uint32_t low = (1U << (6 * i)) - 1;
    if ((first & ~low) == (last & ~low)) continue;
    if ((first & low) != 0) {
      split(first, first | low, out);
      return split((first | low) + 1, last, out);
    }
    if ((last & low) != low) {
      split(first, (last & ~low) - 1, out);
      return split(last & ~low, last, out);
    }
  }
  std::array<std::uint8_t, 4> a{}, b{};
  encode(first, size, a);
  encode(last, size, b);
  Utf8Sequence sequence{.bytes = {}, .size = size};
  for (std::size_t i = 0; i < size; ++i) sequence.bytes[i] = {a[i], b[i]};
  out.push_back(sequence);
}

}  // namespace

std::vector<Utf8Sequence> utf8_sequences(std::uint32_t first, std::uint32_t last) {
  std::vector<Utf8Sequence> out;
  split(first, std::min(last, 0xD7FFU), out);
  split(std::max(first, 0xE000U), std::min(last, 0x10FFFFU), out);
  return out;
}

}  // namespace engram
