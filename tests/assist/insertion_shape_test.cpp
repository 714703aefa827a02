#include "assist/completion/insertion_shape.h"

#include "tests/assist/marked_text.h"

namespace engram {

TEST_CASE("insertion_shape: lines only where a person would start some", "[assist]") {
  struct Case {
    const char* why;
    const char* text;
    bool python;
    bool multi_line;
  };
  const auto c = GENERATE(values<Case>({
      {"in the middle of a statement", "int x = ^\n", false, false},
      {"text follows on the line", "foo(^);\n", false, false},
      {"an empty body", "void f() {\n  ^\n}\n", false, true},
      {"an empty line at the margin", "int a;\n^\n", false, true},
      {"behind an opening brace", "void f() {^\n}\n", false, true},
      {"behind a colon in Python", "def f(x):^\n", true, true},
      {"behind a colon elsewhere", "case 1:^\n", false, false},
      {"the body is there already", "void f() {^\n  g();\n}\n", false, false},
      {"the end of a finished line", "x = 1^\n", true, false},
  }));
  INFO(c.why);
  const MarkedText marked(c.text);
  ShapeHints hints;
  hints.indentation_blocks = c.python;
  CHECK(insertion_shape(marked.cursor(), hints).multi_line == c.multi_line);
  hints.single_line = true;
  CHECK_FALSE(insertion_shape(marked.cursor(), hints).multi_line);
  hints.single_line = false;
  hints.in_comment_or_string = true;
  CHECK_FALSE(insertion_shape(marked.cursor(), hints).multi_line);
}

TEST_CASE("insertion_end: the suggestion ends where the block or paragraph ends", "[assist]") {
  struct Case {
    const char* why;
    const char* text;
    bool python;
    const char* generated;
    const char* kept;
  };
  const auto c = GENERATE(values<Case>({
      {"one line", "  int x = ^\n", false, "1;\n  int y = 2;\n", "1;"},
      {"dedent in Python", "def f():\n    ^\n", true, "x = 1\n    return x\n\ndef g():\n",
       "x = 1\n    return x"},
      {"dedent without an empty line", "def f():\n    ^\n", true, "return 1\ny = 2\n", "return 1"},
      {"a deeper block inside", "def f():\n    ^\n", true, "if a:\n        b()\n    c()\nd()\n",
       "if a:\n        b()\n    c()"},
      {"the enclosing brace is not ours", "void f() {\n  ^\n}\n", false, "g();\n  h();\n}\n",
       "g();\n  h();"},
      {"a brace closed at the same depth is ours", "void f() {\n  ^\n}\n", false,
       "if (a) {\n    g();\n  }\n  h();\n}\n", "if (a) {\n    g();\n  }\n  h();"},
      {"the opened block is closed when nobody did", "void f() {^\n\nint x;\n", false,
       "\n  g();\n}\n\nint y;\n", "\n  g();\n}"},
      {"but not twice", "void f() {^\n}\n", false, "\n  g();\n}\nvoid h() {\n", "\n  g();"},
      {"a colon opens", "def f(x):^\n", true, "\n    return x\n\n\nf(1)\n", "\n    return x"},
      {"an empty line ends the paragraph", "void f() {\n  ^\n}\n", false,
       "a();\n  b();\n\n  c();\n", "a();\n  b();"},
      {"at the margin a whole definition", "int a;\n^\n", false,
       "int f() {\n  return a;\n}\nint g();\n\n", "int f() {\n  return a;\n}\nint g();"},
  }));
  INFO(c.why);
  const MarkedText marked(c.text);
  ShapeHints hints;
  hints.indentation_blocks = c.python;
  const auto shape = insertion_shape(marked.cursor(), hints);
  const std::string generated = c.generated;
  const auto end = insertion_end(shape, marked.cursor().line_before, generated, true);
  REQUIRE(end);
  CHECK(generated.substr(0, *end) == c.kept);
  // Fed piece by piece, the answer comes as soon as it can and is the same.
  for (std::size_t n = 0; n <= generated.size(); ++n) {
    const auto early =
        insertion_end(shape, marked.cursor().line_before, generated.substr(0, n), false);
    if (early) {
      CHECK(generated.substr(0, *early) == c.kept);
      break;
    }
  }
}

TEST_CASE("insertion_end: never more than the allowed lines", "[assist]") {
  const MarkedText marked("def f():\n    ^\n");
  ShapeHints hints;
  hints.indentation_blocks = true;
  hints.max_lines = 3;
  const auto shape = insertion_shape(marked.cursor(), hints);
  const std::string generated = "a()\n    b()\n    c()\n    d()\n    e()\n";
  const auto end = insertion_end(shape, marked.cursor().line_before, generated, false);
  REQUIRE(end);
  CHECK(generated.substr(0, *end) == "a()\n    b()\n    c()");
}

}  // namespace engram
