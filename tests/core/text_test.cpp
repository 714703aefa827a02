#include "core/text.h"

#include <string>

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("text: lines end at LF, CRLF and a lone CR", "[core]") {
  const std::string text = "a\r\nbc\nd\re";
  const LineIndex lines(text);
  REQUIRE(lines.line_count() == 4);
  CHECK(lines.line_start(1) == 3);
  CHECK(lines.line_end(text, 0) == 1);
  CHECK(lines.line_end(text, 1) == 5);
  CHECK(lines.line_end(text, 2) == 7);
  CHECK(lines.line_end(text, 3) == text.size());
  CHECK(lines.position(4) == TextPosition{1, 1});
}

TEST_CASE("text: UTF-16 columns count surrogate pairs twice and clamp inside them", "[core]") {
  const std::string text = "x\xF0\x9F\x98\x80y\xC3\xA9z\n";  // x😀yéz
  const LineIndex lines(text);
  CHECK(lines.position_utf16(text, 1) == TextPosition{0, 1});
  CHECK(lines.position_utf16(text, 5) == TextPosition{0, 3});
  CHECK(lines.position_utf16(text, 8) == TextPosition{0, 5});
  CHECK(lines.offset_utf16(text, {0, 1}) == 1);
  CHECK(lines.offset_utf16(text, {0, 2}) == 1);  // inside the pair: its start
  CHECK(lines.offset_utf16(text, {0, 3}) == 5);
  CHECK(lines.offset_utf16(text, {0, 99}) == 9);  // past the end: the end of the line
  CHECK(lines.offset_utf16(text, {9, 0}) == text.size());
}

TEST_CASE("text: every offset of an invalid text round-trips through UTF-16", "[core]") {
  const std::string text = "a\xFF\x80z\xE2\x82\n\xED\xA0\x80\xF0\x9F\x98\x80";
  const LineIndex lines(text);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    INFO(i);
    const TextPosition p = lines.position_utf16(text, i);
    const std::size_t back = lines.offset_utf16(text, p);
    CHECK(back <= i);
    CHECK(i - back < 4);  // only inside a valid sequence does it step back
  }
  CHECK_FALSE(is_valid_utf8(text));
  CHECK(is_valid_utf8(to_valid_utf8(text)));
}

TEST_CASE("text: utf8_floor never cuts a sequence", "[core]") {
  const std::string text =
      "ab\xE2\x82\xAC"
      "c";
  CHECK(utf8_floor(text, 2) == 2);
  CHECK(utf8_floor(text, 3) == 2);
  CHECK(utf8_floor(text, 4) == 2);
  CHECK(utf8_floor(text, 5) == 5);
  CHECK(utf8_floor(text, 99) == 6);
}

}  // namespace engram
