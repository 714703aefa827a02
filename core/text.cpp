#include "core/text.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace engram {

namespace {

static_assert(std::endian::native == std::endian::little);

// The top bit of each byte that is 10, and of no other.
std::uint64_t line_ends(std::uint64_t eight) {
  constexpr std::uint64_t kLow = 0x7f7f7f7f7f7f7f7fu;
  const std::uint64_t zero_where_ten = eight ^ 0x0a0a0a0a0a0a0a0au;
  return ~(((zero_where_ten & kLow) + kLow) | zero_where_ten | kLow);
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : size_(text.size()) {
  starts_.reserve(text.size() / 24 + 1);
  starts_.push_back(0);
  if (text.find('\r') == std::string_view::npos) {  // as nearly always: eight bytes at a time
    std::size_t at = 0;
    for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      for (std::uint64_t ends = line_ends(eight); ends != 0; ends &= ends - 1) {
        starts_.push_back(at + static_cast<std::size_t>(std::countr_zero(ends)) / 8 + 1);
      }
    }
    for (; at < text.size(); ++at) {
      if (text[at] == '\n') starts_.push_back(at + 1);
    }
    return;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool cr = text[i] == '\r';
    if (cr && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    if (cr || text[i] == '\n') starts_.push_back(i + 1);
  }
}

std::size_t LineIndex::line_start(std::size_t line) const {
  return line < starts_.size() ? starts_[line] : size_;
}

std::size_t LineIndex::line_end(std::string_view text, std::size_t line) const {
  std::size_t end = line + 1 < starts_.size() ? starts_[line + 1] : size_;
  const std::size_t start = line_start(line);
  if (end > start && text[end - 1] == '\n' && line + 1 < starts_.size()) --end;
  if (end > start && text[end - 1] == '\r' && line + 1 < starts_.size()) --end;
  return end;
}

std::size_t LineIndex::line_of(std::size_t offset) const {
  const auto it = std::upper_bound(starts_.begin(), starts_.end(), std::min(offset, size_));
  return static_cast<std::size_t>(it - starts_.begin()) - 1;
}

TextPosition LineIndex::position(std::size_t offset) const {
  const std::size_t line = line_of(offset);
  return {line, std::min(offset, size_) - starts_[line]};
}

TextPosition LineIndex::position_utf16(std::string_view text, std::size_t offset) const {
  const std::size_t line = line_of(offset);
  const std::size_t end = std::min(offset, size_);
  std::size_t units = 0;
  for (std::size_t at = starts_[line]; at < end;) {
    if (std::uint64_t eight = 0; at + sizeof eight <= end) {  // ASCII, as nearly always
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080u) == 0) {
        units += sizeof eight;
        at += sizeof eight;
        continue;
      }
    }
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++units, ++at;
      continue;
    }
    const std::size_t length = utf8_sequence_length(text, at);
    if (at + length > end) break;  // inside a sequence: the position of its start
    units += length == 4 ? 2 : 1;
    at += length;
  }
  return {line, units};
}

std::size_t LineIndex::offset(std::string_view text, TextPosition p) const {
  if (p.line >= starts_.size()) return size_;
  return std::min(line_start(p.line) + p.column, line_end(text, p.line));
}

std::size_t LineIndex::offset_utf16(std::string_view text, TextPosition p) const {
  if (p.line >= starts_.size()) return size_;
  std::size_t at = line_start(p.line);
  const std::size_t end = line_end(text, p.line);
  std::size_t units = 0;
  while (at < end) {
    const std::size_t length = utf8_sequence_length(text, at);
    units += length == 4 ? 2 : 1;
    if (units > p.column) break;
    at += length;
  }
  return at;
}

std::size_t utf8_sequence_length(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(offset);
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (lead == 0xE0) low = 0xA0;   // no overlong forms
  if (lead == 0xED) high = 0x9F;  // no surrogates
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;  // nothing past U+10FFFF
  if (length == 0 || offset + length > text.size()) return 1;
  if (byte(offset + 1) < low || byte(offset + 1) > high) return 1;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(offset + i) & 0xC0) != 0x80) return 1;
  }
  return length;
}

namespace {
bool stray(std::string_view text, std::size_t offset, std::size_t length) {
  return length == 1 && static_cast<unsigned char>(text[offset]) >= 0x80;
}
}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence_length(text, i);
    if (stray(text, i, length)) return false;
    i += length;
  }
  return true;
}

std::size_t utf8_floor(std::string_view text, std::size_t limit) {
  if (limit >= text.size()) return text.size();
  const std::size_t first = limit < 3 ? 0 : limit - 3;
  for (std::size_t i = limit; i > first; --i) {
    if (i - 1 + utf8_sequence_length(text, i - 1) > limit) return i - 1;
  }
  return limit;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence_length(text, i);
    units += length == 4 ? 2 : 1;
    i += length;
  }
  return units;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence_length(text, i);
    if (stray(text, i, length)) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text.substr(i, length));
    }
    i += length;
  }
  return out;
}

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
