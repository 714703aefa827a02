// core/text.h: positions in a text: byte offsets, lines, UTF-8 and UTF-16 columns.
//
// The rest of the program counts bytes; only this file (and lsp/, through it) knows UTF-16.
// Lines end at "\n", "\r\n" or a lone "\r", as LSP has it. Lines and columns are 0-based here;
// faces that print 1-based positions add one. Invalid UTF-8: each byte that starts no valid
// sequence counts as one code point (one UTF-16 unit), so every offset has a position.
//
// Threads: immutable after construction.  Errors: none; positions outside are clamped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

struct TextPosition {
  std::size_t line = 0;
  std::size_t column = 0;  // in bytes, or UTF-16 units where a name says utf16
  friend bool operator==(const TextPosition&, const TextPosition&) = default;
  friend auto operator<=>(const TextPosition&, const TextPosition&) = default;
};

// Where the lines of a text begin. Does not keep the text: pass the same text to each call.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  std::size_t line_count() const { return starts_.size(); }  // at least 1
  std::size_t line_start(std::size_t line) const;            // clamped to the end of the text
  std::size_t line_end(std::string_view text, std::size_t line) const;  // before its terminator
  std::size_t line_of(std::size_t offset) const;

  TextPosition position(std::size_t offset) const;  // byte column
  TextPosition position_utf16(std::string_view text, std::size_t offset) const;
  std::size_t offset(std::string_view text, TextPosition byte_position) const;
  // Clamps a column past the line's end to the end, and one inside a surrogate pair to its start.
  std::size_t offset_utf16(std::string_view text, TextPosition utf16_position) const;

 private:
  std::vector<std::size_t> starts_;
  std::size_t size_ = 0;
};

// Length of the valid UTF-8 sequence at text[offset], or 1 when there is none (a stray byte).
std::size_t utf8_sequence_length(std::string_view text, std::size_t offset);
bool is_valid_utf8(std::string_view text);
// Largest n <= limit such that text[0, n) ends on a sequence boundary.
std::size_t utf8_floor(std::string_view text, std::size_t limit);
std::size_t utf16_length(std::string_view text);
// Copy with every stray byte replaced by U+FFFD: for JSON and terminals.
std::string to_valid_utf8(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code_point);

// A file that begins with UTF-16's byte order mark is decoded when it is read; positions in it are
// those of the decoded text. Nothing when the contents do not begin with such a mark, when a
// surrogate has no partner, or when bytes are left over: then they are no text. The mark is
// dropped.
std::optional<std::string> utf8_from_utf16(std::string_view contents);

}  // namespace engram
