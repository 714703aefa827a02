#include "indexer/syntax/syntax_tree.h"

#include <random>

#include "tests/support/catch.h"

namespace engram {

namespace {

// Splits "int ^x;" into the text and the offset of the mark.
std::pair<std::string, std::size_t> at_mark(std::string text) {
  const std::size_t at = text.find('^');
  REQUIRE(at != std::string::npos);
  text.erase(at, 1);
  return {text, at};
}

SyntaxTree parse(std::string_view language, const std::string& text) {
  auto tree = SyntaxTree::parse(language, text, std::chrono::seconds(20));
  REQUIRE(tree);
  return *std::move(tree);
}

}  // namespace

TEST_CASE("syntax tree: in_comment and in_string know the place of the mark", "[syntax]") {
  struct Case {
    const char* language;
    const char* text;
    bool comment, string;
  };
  const auto c = GENERATE(values<Case>({
      {"cpp", "int x; // a ^b\n", true, false},
      {"cpp", "int x; // a^\nint y;", true, false},
      {"cpp", "int x; // a^", true, false},
      {"cpp", "int x; ^// a", false, false},
      {"cpp", "/* a ^ */ int x;", true, false},
      {"cpp", "/* a */^ int x;", false, false},
      {"cpp", "auto s = \"a^b\";", false, true},
      {"cpp", "auto s = \"ab\"^;", false, false},
      {"cpp", "auto s = R\"(a^b)\";", false, true},
      {"cpp", "int ^x;", false, false},
      {"python", "x = 1  # a^\n", true, false},
      {"python", "x = 'a^b'\n", false, true},
      {"python", "def f():\n  ^pass\n", false, false},
  }));
  INFO(c.language << ": " << c.text);
  const auto [text, at] = at_mark(c.text);
  const SyntaxTree tree = parse(c.language, text);
  CHECK(tree.in_comment(at) == c.comment);
  CHECK(tree.in_string(at) == c.string);
}

TEST_CASE("syntax tree: the enclosing block is the smallest one around the mark", "[syntax]") {
  struct Case {
    const char* language;
    const char* text;
    const char* block;
  };
  const auto c = GENERATE(values<Case>({
      {"cpp", "void f() { if (x) { ^y(); } z(); }", "{ y(); }"},
      {"cpp", "void f() { if (x) { y(); } ^z(); }", "{ if (x) { y(); } z(); }"},
      {"cpp", "class A { int ^x; };", "{ int x; }"},
      {"python", "def f():\n  a = 1\n  if a:\n    ^b()\n", "b()"},
      {"cpp", "int ^x;", ""},
  }));
  INFO(c.text);
  const auto [text, at] = at_mark(c.text);
  const auto block = parse(c.language, text).enclosing_block(at);
  CHECK((block ? text.substr(block->begin, block->end - block->begin) : "") == c.block);
}

TEST_CASE("syntax tree: errors are counted where they are", "[syntax]") {
  const std::string text = "int f() { return 1 +; }\nint g() { return 2; }\n";
  const SyntaxTree tree = parse("cpp", text);
  const auto first = tree.errors(0, text.find('\n'));
  CHECK(first.errors + first.missing > 0);
  const auto second = tree.errors(text.find("int g"), text.size());
  CHECK(second.errors + second.missing == 0);
  CHECK(second.error_bytes == 0);
  const auto missing = parse("cpp", "int f() { return 1 }").errors(0, 20);
  CHECK(missing.missing == 1);
}

TEST_CASE("syntax tree: ancestors go from the innermost node to the root", "[syntax]") {
  const auto [text, at] = at_mark("int f() { return ^x; }");
  const auto path = parse("cpp", text).ancestors(at);
  std::vector<std::string> kinds;
  for (const SyntaxRange& r : path) kinds.emplace_back(r.kind);
  CHECK(kinds == std::vector<std::string>{"identifier", "return_statement", "compound_statement",
                                          "function_definition", "translation_unit"});
}

TEST_CASE("syntax tree: identifiers come once each, in order, within the limit", "[syntax]") {
  const std::string text = "int alpha = beta + gamma(beta, delta);";
  const SyntaxTree tree = parse("cpp", text);
  CHECK(tree.identifiers(0, text.size(), 10) ==
        std::vector<std::string>{"alpha", "beta", "gamma", "delta"});
  CHECK(tree.identifiers(text.find("gamma"), text.size(), 2) ==
        std::vector<std::string>{"gamma", "beta"});
}

TEST_CASE("syntax tree: after any edits the tree is what a fresh parse gives", "[syntax]") {
  std::mt19937 random(7);
  const std::string pieces[] = {
      "int x = 1;\n", "{",        "}", "\"",   "/*",     "*/",      "(", ")",
      "\n",           "f(a, b);", "é", "\xff", "// c\n", "if (x) ", ""};
  std::string text = "int main() {\n  return 0;\n}\n";
  SyntaxTree tree = parse("cpp", text);
  for (int i = 0; i < 300; ++i) {
    const std::size_t begin = random() % (text.size() + 1);
    const std::size_t end = std::min(text.size(), begin + random() % 12);
    const std::string& piece = pieces[random() % std::size(pieces)];
    text.replace(begin, end - begin, piece);
    REQUIRE(tree.edit(begin, end, piece));
    REQUIRE(tree.text() == text);
    const SyntaxTree fresh = parse("cpp", text);
    const SyntaxErrorCount a = tree.errors(0, text.size()), b = fresh.errors(0, text.size());
    // Error recovery may differ with history; that there are errors may not.
    CHECK((a.errors + a.missing == 0) == (b.errors + b.missing == 0));
    if (b.errors + b.missing == 0) {
      const std::size_t at = random() % (text.size() + 1);
      const auto x = tree.ancestors(at), y = fresh.ancestors(at);
      REQUIRE(x.size() == y.size());
      for (std::size_t k = 0; k < x.size(); ++k) {
        CHECK(x[k].begin == y[k].begin);
        CHECK(x[k].kind == y[k].kind);
      }
    }
  }
}

TEST_CASE("syntax tree: a copy stays as it was when the original is edited", "[syntax]") {
  SyntaxTree tree = parse("python", "x = 1\n");
  const SyntaxTree copy = tree.copy();
  REQUIRE(tree.edit(0, 1, "yy"));
  CHECK(tree.text() == "yy = 1\n");
  CHECK(copy.text() == "x = 1\n");
  CHECK(copy.identifiers(0, 6, 4) == std::vector<std::string>{"x"});
}

TEST_CASE("syntax tree: a parse over its time cap says so and a later one works", "[syntax]") {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "f(a[1], \"s\");\n";
  const auto late = SyntaxTree::parse("cpp", text, std::chrono::milliseconds(1));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::kBusy);
  CHECK(parse("cpp", "int x;").errors(0, 6).errors == 0);
  CHECK(SyntaxTree::parse("cobol", "").error().code == Errc::kInvalidArgument);
}

}  // namespace engram
