#include "indexer/semantic/comment_shift.h"

#include <string>

#include "tests/support/catch.h"

namespace engram {

namespace {

// Tokens of `text`, with `^` before those that start a line and `+` before those that touch the
// last one.
std::vector<std::string> tokens(const std::string& text) {
  std::vector<std::string> out;
  for (const SourceToken& t : source_tokens(text)) {
    out.push_back((t.starts_line ? "^"
                   : t.touches   ? "+"
                                 : "") +
                  text.substr(t.begin, t.end - t.begin));
  }
  return out;
}

using Tokens = std::vector<std::string>;

}  // namespace

TEST_CASE("source_tokens: literals, numbers and comments are told apart", "[semantic]") {
  struct Case {
    const char* text;
    Tokens expected;
  };
  const auto c = GENERATE(values<Case>({
      {"", {}},
      {"int a; // b\n/* c */ d", {"^int", "a", "+;", "^d"}},
      {"a/* \n */b", {"^a", "b"}},  // a comment is one space, whatever is in it
      {"\"// no\" '\"' \"\\\"//\"x", {"^\"// no\"", "'\"'", "\"\\\"//\"", "+x"}},
      {"R\"x(\" // )x\" y", {"^R", "+\"x(\" // )x\"", "y"}},
      {"R\"(a\n// b)\" c", {"^R", "+\"(a\n// b)\"", "c"}},
      {"1'000'000 1e+5 .5f 0x1p-3+1", {"^1'000'000", "1e+5", ".5f", "0x1p-3", "+", "1"}},
      {"#include <a//b.h> // c\n#define f(x) x",
       {"^#", "+include", "<a//b.h>", "^#", "+define", "f", "+(", "+x", "+)", "x"}},
      {"a // b \\\n c\nd", {"^a", "^d"}},  // the comment goes on
      {"a \\\n b", {"^a", "b"}},           // so does the line
      {"#error it's so // x\ny", {"^#", "+error", "it", "+'s so // x", "^y"}},
      {"x < y // z", {"^x", "<", "y"}},
      {"\"open\nx /* open", {"^\"open", "^x"}},
      {"R\"no", {"^R", "+\"no"}},
  }));
  INFO(c.text);
  Tokens expected = c.expected;
  if (std::string(c.text).starts_with("1'")) expected[4] = "++";  // "touches", then "+"
  if (std::string(c.text).starts_with("1'")) expected[5] = "+1";
  CHECK(tokens(c.text) == expected);
}

TEST_CASE("comment_shift: comments and spaces may change, nothing else", "[semantic]") {
  struct Case {
    const char* why;
    const char *from, *to;
    bool same;
  };
  const auto c = GENERATE(values<Case>({
      {"a comment above", "int a;\n", "// Says.\nint a;\n", true},
      {"a comment behind", "int a; int b;\n", "int a; /* b */ int b; // c\n", true},
      {"indentation", "{\n  a\n}\n", "{\n\t a  \n}\n\n", true},
      {"a licence of many lines", "/* a */\n#define A 1\n", "/* a\n * b\n */\n\n#define A 1\n",
       true},
      {"another name", "int a;", "int b;", false},
      {"a token more", "int a;", "int a;;", false},
      {"a token commented out", "a; b;", "a; // b;", false},
      {"two tokens made one", "a > > b", "a >> b", false},
      {"a macro given parameters", "#define f (x) x\n", "#define f(x) x\n", false},
      {"the end of a directive", "#define A 1\n2\n", "#define A 1 2\n", false},
      {"a directive commented out", "\n#if A\n", " /* */ x #if A\n", false},
      {"in a string", "\"a // b\"", "\"a // c\"", false},
      {"in an include", "#include <a//b.h>\n", "#include <a//c.h>\n", false},
      {"in a raw string", "R\"(/* a */)\"", "R\"(/* b */)\"", false},
      {"a comment that swallows a line", "// a\nb\n", "// a \\\nb\n", false},
      {"one that does for the compiler", "// a\nb\n", "// a \\ \t\nb\n", false},
      {"a comment that a return ends", "// a\rb\n", "// a\rc\n", false},
      {"lines of two bytes' ends", "#define A \\\r\n 1\r\n", "// a\r\n#define A \\\r\n  1\r\n",
       true},
      {"a backslash elsewhere", "'\\ ' a", "'\\ ' /* b */ a", true},
  }));
  INFO(c.why);
  CHECK(CommentShift::between(c.from, c.to).has_value() == c.same);
  CHECK(CommentShift::between(c.to, c.from).has_value() == c.same);
}

TEST_CASE("comment_shift: every token is found again, and order is kept in between", "[semantic]") {
  const std::string from = "// One.\nint first(int a);  // so\n\nint second;\n";
  const std::string to =
      "int first(int a);\n/* Two\n * lines. */\n  int second;  // now\n\n// end\n";
  const auto shift = CommentShift::between(from, to);
  REQUIRE(shift);
  for (const char* name : {"int first", "first", "(", "a)", ");", "int second", "second"}) {
    INFO(name);
    CHECK(shift->map(static_cast<std::uint32_t>(from.find(name))) == to.find(name));
    const auto end = static_cast<std::uint32_t>(from.find("second") + 6);
    CHECK(shift->map(end) == to.find("second") + 6);
  }
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i <= from.size() + 2; ++i) {
    const std::uint32_t now = shift->map(i);
    CHECK(now >= last);
    CHECK(now <= to.size());
    last = now;
  }
}

}  // namespace engram
