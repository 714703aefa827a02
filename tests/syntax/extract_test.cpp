#include "indexer/syntax/extract.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace engram {

using namespace std::string_view_literals;

namespace {

FileFacts facts_of(std::string_view language, std::string_view text) {
  const auto extraction = extract_facts(language, text);
  REQUIRE(extraction);
  CHECK(extraction->limited_by.empty());
  return extraction->facts;
}

const Symbol& symbol(const FileFacts& facts, std::string_view name) {
  const auto it = std::find_if(facts.symbols.begin(), facts.symbols.end(),
                               [&](const Symbol& s) { return s.name == name; });
  INFO("symbol " << name);
  REQUIRE(it != facts.symbols.end());
  return *it;
}

std::string references(const FileFacts& facts) {
  std::string out;
  for (const Reference& r : facts.references) {
    out += (out.empty() ? "" : " ") + r.name + ":" + std::string(to_string(r.kind));
  }
  return out;
}

}  // namespace

TEST_CASE("extract: names local to a function are no references", "[syntax]") {
  struct Case {
    const char* why;
    const char* language;
    const char* text;
    const char* references;
  };
  const auto c = GENERATE(values<Case>({
      {"parameter and local", "cpp", "int f(int a) { int b = a; return b + g; }", "g:use"},
      {"inner scope ends", "cpp", "void f() { { int a; a; } a; }", "a:use"},
      {"a member of the same name is none of ours", "cpp", "void f(int a) { x.a = a; }",
       "x:use a:write"},
      {"a called parameter is local, too", "c", "void f(int (*g)(int)) { g(1); h(2); }", "h:call"},
      {"lambda parameter", "cpp", "auto f = [](int q) { return q + r; };", "r:use"},
      {"Python: a use before the definition", "python", "def f():\n  g(x)\n  x = 1\n", "g:call"},
      {"Python: module names are seen from elsewhere", "python", "x = 1\ndef f():\n  return x\n",
       "x:use"},
      {"Python: a comprehension's variable", "python", "y = [a for a in b]\n", "b:use"},
      {"JavaScript: closure", "javascript", "function f(a) { return () => a + b; }", "b:use"},
      {"Rust: pattern", "rust", "fn f() { if let Some(n) = g() { n + m; } }",
       "Some:use g:call m:use"},
      {"Go: named result", "go", "package p\nfunc f() (n int) { n = m; return }", "int:type m:use"},
  }));
  INFO(c.why);
  CHECK(references(facts_of(c.language, c.text)) == c.references);
}

TEST_CASE("extract: a comment documents what it stands directly above or beside", "[syntax]") {
  struct Case {
    const char* why;
    const char* language;
    const char* text;
    const char* doc;
  };
  const auto c = GENERATE(values<Case>({
      {"line comments are one block", "cpp", "// one\n// two\nint x;", "one\ntwo"},
      {"a blank line parts them", "cpp", "// one\n\nint x;", ""},
      {"code before the comment on its line", "cpp", "int y; // of y\nint x;", ""},
      {"javadoc", "java", "/**\n * One.\n *\n * Two.\n */\nclass x {}", "One.\n\nTwo."},
      {"behind", "cpp", "int x;  ///< of x\n", "of x"},
      {"above a template's head", "cpp", "/// doc\ntemplate <class T>\nclass x {};", "doc"},
      {"above a decorator", "python", "# doc\n@d\ndef x():\n  pass\n", "doc"},
      {"docstring", "python", "def x():\n  '''One.\n\n  Two.'''\n", "One.\n\nTwo."},
      {"above an attribute", "rust", "/// doc\n#[test]\nfn x() {}", "doc"},
      {"Go: above the keyword", "go", "package p\n// doc\ntype x struct{}", "doc"},
      {"CRLF", "cpp", "// one\r\n// two\r\nint x;\r\n", "one\ntwo"},
  }));
  INFO(c.why);
  CHECK(symbol(facts_of(c.language, c.text), "x").doc == c.doc);
}

TEST_CASE("extract: places are bytes, and lines and columns as compilers print them", "[syntax]") {
  const std::string text = "\xc3\xa9;\r\n  int  x = 1;";
  const FileFacts facts = facts_of("cpp", text);
  const Symbol& x = symbol(facts, "x");
  CHECK(text.substr(x.name_begin, x.name_end - x.name_begin) == "x");
  CHECK(text.substr(x.begin, x.end - x.begin) == "int  x = 1;");
  CHECK(x.line == 2);
  CHECK(x.column == 8);
  CHECK(x.signature == "int x = 1");
}

TEST_CASE("extract: symbols come parents first, and each parent holds its child", "[syntax]") {
  const FileFacts facts = facts_of(
      "cpp", "namespace a { class B { void f() { int x; } struct C { int y; }; }; } int z;");
  for (std::size_t i = 0; i < facts.symbols.size(); ++i) {
    const Symbol& s = facts.symbols[i];
    if (i > 0) CHECK(facts.symbols[i - 1].begin <= s.begin);
    if (s.parent < 0) continue;
    REQUIRE(static_cast<std::size_t>(s.parent) < i);
    const Symbol& parent = facts.symbols[static_cast<std::size_t>(s.parent)];
    CHECK(parent.begin <= s.begin);
    CHECK(s.end <= parent.end);
  }
  CHECK(symbol(facts, "y").container == "a::B::C");
  CHECK(symbol(facts, "x").container == "a::B::f");
}

TEST_CASE("extract: what parsed around broken code is found", "[syntax]") {
  const auto extraction =
      extract_facts("cpp", "int before;\nvoid f( { ]] ;\nclass After { int x; };\nint last;\n");
  REQUIRE(extraction);
  CHECK(extraction->facts.error_bytes > 0);
  symbol(extraction->facts, "before");
}

TEST_CASE("extract: invalid UTF-8 and NUL bytes are tolerated", "[syntax]") {
  const std::string_view text = "int a\xff\xfe; // \x80\nint b\0;\nint c;\n"sv;
  const auto extraction = extract_facts("c", text);
  REQUIRE(extraction);
  for (const Chunk& chunk : extraction->facts.chunks) CHECK(chunk.end <= text.size());
}

TEST_CASE("extract: a stop is kCancelled", "[syntax]") {
  std::stop_source stop;
  stop.request_stop();
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "int f() { return 1; }\n";
  const auto extraction = extract_facts("cpp", text, {}, stop.get_token());
  REQUIRE_FALSE(extraction);
  CHECK(extraction.error().code == Errc::kCancelled);
}

}  // namespace engram
