#include "lsp/documents.h"

#include <random>

#include "tests/support/catch.h"

namespace engram::lsp {

namespace {

DocumentSnapshot open(Documents& documents, std::string text) {
  return documents.open({"file:///w/a.cpp", "cpp", 1, std::move(text)});
}

std::string edited(PositionEncoding encoding, const std::string& before, Range range,
                   const std::string& text) {
  Documents documents;
  documents.set_encoding(encoding);
  open(documents, before);
  const auto change = documents.change({"file:///w/a.cpp", 2, {{range, text}}});
  REQUIRE(change);
  return *change->document->text;
}

}  // namespace

TEST_CASE("documents: an edit lands where the encoding says", "[lsp]") {
  // U+1F600 is 4 bytes and 2 UTF-16 units; "ä" is 2 bytes and 1 unit.
  struct Case {
    const char* why;
    const char* before;
    std::size_t utf16, utf8;  // column of the insertion
    const char* after;
  };
  const auto c = GENERATE(values<Case>({
      {"ascii", "abc", 1, 1, "a|bc"},
      {"after a surrogate pair", "\U0001F600b", 2, 4, "\U0001F600|b"},
      {"after umlauts", "ääb", 2, 4, "ää|b"},
      {"inside a pair: before it", "\U0001F600b", 1, 2, "|\U0001F600b"},
      {"past the line: its end, before CRLF", "ab\r\ncd", 99, 99, "ab|\r\ncd"},
      {"past a lone CR line", "ab\rcd", 99, 99, "ab|\rcd"},
  }));
  INFO(c.why);
  const auto at = [](std::size_t column) { return Range{{0, column}, {0, column}}; };
  CHECK(edited(PositionEncoding::kUtf16, c.before, at(c.utf16), "|") == c.after);
  CHECK(edited(PositionEncoding::kUtf8, c.before, at(c.utf8), "|") == c.after);
}

TEST_CASE("documents: ranges may span lines, and lie outside the document", "[lsp]") {
  const auto utf16 = PositionEncoding::kUtf16;
  CHECK(edited(utf16, "a\r\nb\r\nc", {{0, 1}, {1, 0}}, "") == "ab\r\nc");
  CHECK(edited(utf16, "a\nb", {{7, 0}, {9, 9}}, "|") == "a\nb|");
  CHECK(edited(utf16, "", {{0, 0}, {0, 0}}, "x") == "x");
  CHECK(edited(utf16, "a\nb\nc", {{0, 0}, {99, 0}}, "") == "");
}

TEST_CASE("documents: several changes apply one after the other, and the cursor is the last end",
          "[lsp]") {
  Documents documents;
  const auto before = open(documents, "one\ntwo\n");
  const auto change = documents.change({"file:///w/a.cpp",
                                        5,
                                        {{Range{{0, 3}, {0, 3}}, "1\n"},
                                         {Range{{1, 0}, {1, 0}}, "x"},
                                         {Range{{2, 0}, {2, 3}}, "zwei"}}});
  REQUIRE(change);
  CHECK(*change->document->text == "one1\nx\nzwei\n");
  CHECK(change->cursor == 11);
  CHECK(change->document->version == 5);
  CHECK(*before->text == "one\ntwo\n");  // the snapshot is the reader's own
}

TEST_CASE("documents: faulty edits leave the document as it was", "[lsp]") {
  Documents documents;
  open(documents, "abc");
  CHECK_FALSE(documents.change({"file:///w/a.cpp", 2, {{Range{{0, 2}, {0, 1}}, "x"}}}));
  CHECK(*documents.find("file:///w/a.cpp")->text == "abc");
  CHECK(documents.change({"file:///other", 2, {}}).error().code == Errc::kNotFound);
  documents.close("file:///w/a.cpp");
  CHECK_FALSE(documents.find("file:///w/a.cpp"));
}

TEST_CASE("documents: random edits agree with the same edits in UTF-32", "[lsp]") {
  // The oracle keeps code points and knows nothing of bytes or line indexes.
  std::mt19937 random(20240607);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::u32string alphabet = U"ab\n\r\u00E4\u20AC\U0001F600{";
  const auto to_utf8 = [](std::u32string_view s) {
    std::string out;
    for (const char32_t c : s) {
      const auto put = [&](unsigned v) { out += static_cast<char>(v); };
      if (c < 0x80) {
        put(c);
      } else if (c < 0x800) {
        put(0xC0 | c >> 6), put(0x80 | (c & 63));
      } else if (c < 0x10000) {
        put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 63)), put(0x80 | (c & 63));
      } else {
        put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 63)), put(0x80 | (c >> 6 & 63)),
            put(0x80 | (c & 63));
      }
    }
    return out;
  };
  const auto position = [](const std::u32string& s, std::size_t at) {
    Position p;
    for (std::size_t i = 0; i < at; ++i) {
      const bool crlf = s[i] == '\r' && i + 1 < s.size() && s[i + 1] == '\n';
      if (s[i] == '\n' || (s[i] == '\r' && !crlf)) {
        p = {p.line + 1, 0};
      } else {
        p.character += s[i] > 0xFFFF ? 2 : 1;
      }
    }
    return p;
  };
  Documents documents;
  std::u32string oracle;
  open(documents, "");
  for (std::int64_t version = 2; version < 2000; ++version) {
    // Not between CR and LF: LSP has no such position.
    const auto pick = [&] {
      std::size_t at = below(oracle.size() + 1);
      if (at > 0 && at < oracle.size() && oracle[at - 1] == '\r' && oracle[at] == '\n') ++at;
      return at;
    };
    std::size_t begin = pick();
    std::size_t end = pick();
    if (end < begin) std::swap(begin, end);
    if (end - begin > 8 && below(4) != 0) end = begin;
    std::u32string text;
    for (std::size_t n = below(6); n > 0; --n) text += alphabet[below(alphabet.size())];
    const Range range{position(oracle, begin), position(oracle, end)};
    const auto change = documents.change({"file:///w/a.cpp", version, {{range, to_utf8(text)}}});
    REQUIRE(change);
    oracle.replace(begin, end - begin, text);
    REQUIRE(*change->document->text == to_utf8(oracle));
    const std::size_t cursor = begin + text.size();
    REQUIRE(change->cursor == to_utf8(oracle.substr(0, cursor)).size());
  }
}

}  // namespace engram::lsp
