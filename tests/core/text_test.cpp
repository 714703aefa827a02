#include "core/text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/catch.h"

namespace engram {

namespace {

std::string utf16(std::u16string_view text, bool little) {
  std::string out;
  for (const char16_t c : text) {
    const char low = static_cast<char>(c & 0xff), high = static_cast<char>(c >> 8);
    out += little ? low : high;
    out += little ? high : low;
  }
  return out;
}

}  // namespace

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

TEST_CASE("text: a code point appended as UTF-8 is one valid sequence of its length", "[core]") {
  const std::pair<std::uint32_t, std::size_t> cases[] = {{0, 1},       {0x7f, 1},    {0x80, 2},
                                                         {0x7ff, 2},   {0x800, 3},   {0xffff, 3},
                                                         {0x10000, 4}, {0x10ffff, 4}};
  for (const auto& [code_point, length] : cases) {
    std::string text;
    append_utf8(text, code_point);
    CHECK(text.size() == length);
    CHECK(is_valid_utf8(text));
  }
}

TEST_CASE("utf16: text in either byte order becomes UTF-8, without its mark", "[core]") {
  for (const bool little : {true, false}) {
    CHECK(utf8_from_utf16(utf16(u"\xFEFFint a;\r\n", little)) == "int a;\r\n");
    CHECK(utf8_from_utf16(utf16(u"\xFEFF\u00E9 \u6F22 \U0001F600", little)) ==
          "\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x98\x80");
    CHECK(utf8_from_utf16(utf16(u"\xFEFF", little)) == "");
  }
}

TEST_CASE("utf16: what has no mark, half a pair or half a unit is no text", "[core]") {
  CHECK_FALSE(utf8_from_utf16(""));
  CHECK_FALSE(utf8_from_utf16(utf16(u"int a;", true)));
  CHECK_FALSE(utf8_from_utf16(utf16(u"\xFEFF", true) + "a"));
  const char16_t high = 0xD83D, low = 0xDE00;
  for (const std::u16string& text :
       {std::u16string{0xFEFF, high}, std::u16string{0xFEFF, low},
        std::u16string{0xFEFF, high, u'a'}, std::u16string{0xFEFF, high, high, low}}) {
    CHECK_FALSE(utf8_from_utf16(utf16(text, true)));
  }
}

}  // namespace engram
