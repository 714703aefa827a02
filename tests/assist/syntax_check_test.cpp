#include "assist/completion/syntax_check.h"

#include "tests/assist/marked_text.h"

namespace engram {

TEST_CASE("syntax_check: no suggestion may add a syntax error", "[assist]") {
  struct Case {
    const char* why;
    const char* language;
    const char* text;
    const char* insertion;
    const char* kept;
    Checked checked;
    bool torn = false;
  };
  const auto c = GENERATE(values<Case>({
      {"a whole statement", "cpp", "void f() {\n  ^\n}\n", "g(1);", "g(1);", Checked::kSyntax},
      {"the hole's own error does not count", "cpp", "int x = ^;\n", "1", "1", Checked::kSyntax},
      {"nor does it excuse another", "cpp", "int x = ^;\nint y;\n", "= ] 5 x", "",
       Checked::kSyntax},
      {"a block left open is closed for the check", "cpp", "void f(bool a) {\n  ^\n}\n",
       "if (a) {\n    g();", "if (a) {\n    g();", Checked::kSyntax},
      {"one brace too many is cut with its line", "cpp", "void f() {\n  ^\n}\nint x;\n",
       "g();\n}\n}", "g();", Checked::kSyntax},
      {"the end of an argument list comes later", "cpp", "void f() {\n  ^\n}\n", "g(1,", "g(1,",
       Checked::kSyntax},
      {"a line the model had no room to end", "cpp", "void f() {\n  ^\n}\n", "g(alpha, be",
       "g(alpha, be", Checked::kSyntax, true},
      {"a statement whose end is missing", "cpp", "void f() {\n  ^\n}\n", "g(1)", "g(1)",
       Checked::kNone},
      {"Python: a body", "python", "def f(x):\n    ^\n", "return x + 1", "return x + 1",
       Checked::kSyntax},
      {"Python: a bracket too many", "python", "x = ^\n", "f(1))", "f(1)", Checked::kSyntax},
      {"Python: nonsense", "python", "x = ^\ny = 1\n", ") = (", "", Checked::kSyntax},
      {"broken code around proves nothing", "cpp", "void f( {{{ )\n  ^\n] ] ]\n", "g();", "g();",
       Checked::kNone},
  }));
  INFO(c.why);
  const MarkedText marked(c.text);
  const auto tree = SyntaxTree::parse(c.language, marked.text);
  REQUIRE(tree);
  const SyntaxVerdict verdict = check_syntax(*tree, marked.offset, c.insertion, c.torn);
  INFO(verdict.note);
  CHECK(std::string(c.insertion).substr(0, verdict.keep) == c.kept);
  CHECK(verdict.checked == c.checked);
  CHECK(tree->text() == marked.text);  // the caller's tree is left alone
}

}  // namespace engram
