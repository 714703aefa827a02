#include <string>

#include "indexer/scan/text_encoding.h"
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

TEST_CASE("utf16: text in either byte order becomes UTF-8, without its mark", "[scan]") {
  for (const bool little : {true, false}) {
    CHECK(utf8_from_utf16(utf16(u"\xFEFFint a;\r\n", little)) == "int a;\r\n");
    CHECK(utf8_from_utf16(utf16(u"\xFEFF\u00E9 \u6F22 \U0001F600", little)) ==
          "\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x98\x80");
    CHECK(utf8_from_utf16(utf16(u"\xFEFF", little)) == "");
  }
}

TEST_CASE("utf16: what has no mark, half a pair or half a unit is no text", "[scan]") {
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
