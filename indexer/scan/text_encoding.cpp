#include "indexer/scan/text_encoding.h"

#include <cstddef>
#include <cstdint>

namespace engram {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3f)));
  };
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::optional<std::string> utf8_from_utf16(std::string_view contents) {
  const bool little = contents.starts_with("\xff\xfe"), big = contents.starts_with("\xfe\xff");
  if ((!little && !big) || contents.size() % 2 != 0) return std::nullopt;
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    const std::uint32_t first = static_cast<unsigned char>(contents[i]);
    const std::uint32_t second = static_cast<unsigned char>(contents[i + 1]);
    return little ? first | second << 8U : first << 8U | second;
  };
  std::string out;
  out.reserve(contents.size() / 2);
  for (std::size_t i = 2; i < contents.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c >= 0xd800 && c < 0xe000) {  // a pair stands for one code point
      const std::uint32_t low = i + 2 < contents.size() ? unit(i + 2) : 0;
      if (c >= 0xdc00 || low < 0xdc00 || low >= 0xe000) return std::nullopt;
      c = 0x10000 + ((c - 0xd800) << 10U) + (low - 0xdc00);
      i += 2;
    }
    append_utf8(out, c);
  }
  return out;
}

}  // namespace engram
