// engine/grammar/utf8_ranges.h: a range of code points as sequences of byte ranges.
//
// Threads: pure functions.  Errors: none; surrogates and what lies past U+10FFFF are left out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace engram {

struct Utf8Sequence {
  struct Bytes {
    std::uint8_t first = 0, last = 0;
  };
  std::array<Bytes, 4> bytes;
  std::size_t size = 0;
};

std::vector<Utf8Sequence> utf8_sequences(std::uint32_t first, std::uint32_t last);

}  // namespace engram
