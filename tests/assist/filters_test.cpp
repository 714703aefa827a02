#include "assist/completion/filters.h"

#include "tests/assist/marked_text.h"

namespace engram {

TEST_CASE("filters: what is trimmed, what is dropped, and why", "[assist]") {
  struct Case {
    const char* why;
    const char* text;
    const char* generated;
    const char* kept;
    const char* reason;
  };
  const auto c = GENERATE(values<Case>({
      {"plain code passes", "int x = ^\n", "compute(1);", "compute(1);", ""},
      {"nothing", "int x = 1;^\n", "  ", "", "empty"},
      {"the bracket right of the cursor", "foo(^)\n", "a, b)", "a, b", ""},
      {"a bracket that the text itself opened stays", "foo(^)\n", "bar()", "bar()", ""},
      {"own bracket closed, the other one cut", "foo(^)\n", "bar())", "bar()", ""},
      {"bracket and semicolon", "foo(^);\n", "a, b);", "a, b", ""},
      {"a quotation mark right of the cursor", "print(\"^\")\n", "hello\")", "hello", ""},
      {"only the bracket that is there", "foo(a^)\n", ")", "", "duplicate_bracket"},
      {"an identifier that follows", "x = ^value + 1\n", "other_value + 1", "other_", ""},
      {"the next line again", "  ^\n  return x;\n", "return x;", "", "repeats_suffix"},
      {"the next line after a new one", "  ^\n  return x;\n", "x += 1;\n  return x;", "x += 1;",
       ""},
      {"the closing brace below", "void f() {\n  ^\n}\n", "g();\n}", "g();", ""},
      {"a closing brace of its own", "void f() {\n  ^\n}\n", "if (a) {\n    g();\n  }",
       "if (a) {\n    g();\n  }", ""},
      {"a fence", "^\n", "```cpp\nint x;\n```", "", "chat_text"},
      {"a fence after code", "^\n", "int x;\n```\nThis declares x.", "int x;", ""},
      {"chat", "^\n", "Here is the code you asked for:", "", "chat_text"},
      {"the word in a string is content", "s = \"^\"\n", "Here is the news", "Here is the news",
       ""},
      {"a leaked mark", "int x = ^\n", "1;<|fim_suffix|>junk", "1;", ""},
      {"the line above again", "  counters.increment(a);\n  ^\n", "counters.increment(a);", "",
       "echoes_prompt"},
      {"short lines may repeat", "  0,\n  ^\n", "0,", "0,", ""},
      {"the lines above again", "  alpha();\n  beta();\n  ^\n", "alpha();\n  beta();", "",
       "echoes_prompt"},
      {"a line in a loop", "^\n", "f(a);\nf(a);\nf(a);\nf(a);", "f(a);", ""},
      {"a piece in a loop", "x = ^\n", "[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2", "",
       "repetition"},
      {"a ruler is no loop", "// ^\n", "--------------------------------",
       "--------------------------------", ""},
      {"blank end", "int x = ^\n", "1;   \n  ", "1;", ""},
      {"no text below: nothing to repeat", "int f() {\n  ^", "return 1;\n}", "return 1;\n}", ""},
  }));
  INFO(c.why);
  const MarkedText marked(c.text);
  const Filtered got = apply_filters({marked.cursor(), "cpp", "src/a.cpp"}, c.generated);
  CHECK(got.text == c.kept);
  CHECK(got.reason == c.reason);
  CHECK(got.reason.empty() == got.detail.empty());
}

TEST_CASE("filters: markdown may hold fences", "[assist]") {
  const MarkedText marked("^\n");
  const Filtered got = apply_filters({marked.cursor(), "markdown", "a.md"}, "```cpp\nint x;\n```");
  CHECK(got.text == "```cpp\nint x;\n```");
}

TEST_CASE("unmatched_brackets: quotes hide brackets, apostrophes of numbers do not", "[assist]") {
  CHECK(unmatched_brackets("f(a[1], {").openers == "({");
  CHECK(unmatched_brackets("f(\")\")").closers.empty());
  CHECK(unmatched_brackets("f(')')").closers.empty());
  CHECK(unmatched_brackets("x(1'000)").closers.empty());
  CHECK(unmatched_brackets("a) + b]").closers == ")]");
}

}  // namespace engram
