#include "indexer/syntax/chunker.h"

#include <random>

#include "core/atomic_file.h"
#include "indexer/syntax/extract.h"
#include "tests/support/catch.h"
#include "tests/syntax/fact_invariants.h"
#include "tests/syntax/golden_facts.h"

namespace engram {

namespace {

std::vector<std::string> chunk_texts(std::string_view language, std::string_view text,
                                     std::size_t chunk_bytes) {
  ExtractLimits limits;
  limits.chunk_bytes = chunk_bytes;
  const auto extraction = extract_facts(language, text, limits);
  REQUIRE(extraction);
  std::vector<std::string> out;
  for (const Chunk& c : extraction->facts.chunks) {
    out.emplace_back(text.substr(c.begin, c.end - c.begin));
  }
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("chunker: siblings are merged while they fit, nodes are not torn", "[syntax]") {
  CHECK(chunk_texts("cpp", "int a;\nint b;\nint c;\n", 100) == Texts{"int a;\nint b;\nint c;"});
  CHECK(chunk_texts("cpp", "int a;\nint b;\nint c;\n", 10) == Texts{"int a;\nint b;", "int c;"});
  CHECK(chunk_texts("cpp", "int a;\nint b;\nint c;\n", 5) == Texts{"int a;", "int b;", "int c;"});
}

TEST_CASE("chunker: a comment goes with what follows, a trailing one with its line", "[syntax]") {
  CHECK(chunk_texts("cpp", "int aaaa;\n// about b\nint b;\n", 18) ==
        Texts{"int aaaa;", "// about b\nint b;"});
  CHECK(chunk_texts("cpp", "int aaaa;  // x\nint bbbb;\nint cccc;\n", 12) ==
        Texts{"int aaaa;  // x", "int bbbb;", "int cccc;"});
}

TEST_CASE("chunker: a head stays with the first piece of its body", "[syntax]") {
  const Texts texts = chunk_texts(
      "cpp", "void f() {\n  one(1);\n  two(2);\n  three(3);\n  four(4);\n  five(5);\n}\n", 24);
  REQUIRE(texts.size() >= 2);
  CHECK(texts[0] == "void f() {\n  one(1);\n  two(2);");
  CHECK(texts[1].starts_with("  three(3);"));
}

TEST_CASE("chunker: a leaf that is too large is cut at lines, a long line between characters",
          "[syntax]") {
  const Texts lines = chunk_texts("cpp", "/* aaaa\nbbbb\ncccc\ndddd */", 10);
  CHECK(lines == Texts{"/* aaaa\nbbbb", "cccc\ndddd */"});
  std::string long_line = "auto s = \"";
  for (int i = 0; i < 40; ++i) long_line += "\xc3\xa9";
  long_line += "\";";
  for (const std::string& t : chunk_texts("cpp", long_line, 16)) {
    CHECK((static_cast<unsigned char>(t[0]) & 0xc0) != 0x80);  // no half character at the start
  }
}

TEST_CASE("chunker: each chunk knows the scopes it lies in", "[syntax]") {
  ExtractLimits limits;
  limits.chunk_bytes = 30;
  const std::string text =
      "namespace n {\nclass A {\n  void f() {\n    one(111);\n    two(222);\n    three(333);\n"
      "    four(444);\n  }\n};\n}\n";
  const auto extraction = extract_facts("cpp", text, limits);
  REQUIRE(extraction);
  const auto& chunks = extraction->facts.chunks;
  REQUIRE(chunks.size() >= 2);
  CHECK(chunks[chunks.size() - 2].scope == "namespace n > class A > f()");
}

TEST_CASE("chunker: chunks of any text are disjoint, bounded and hold all of it", "[syntax]") {
  std::mt19937 random(11);
  for (const GoldenCase& c : golden_cases()) {
    INFO(c.input.string());
    const auto text = read_file(c.input);
    REQUIRE(text);
    for (const std::size_t size : {1u, 7u, 40u, 200u, 1200u, 100'000u}) {
      ExtractLimits limits;
      limits.chunk_bytes = size;
      const auto extraction = extract_facts(c.language, *text, limits);
      REQUIRE(extraction);
      INFO("chunk_bytes " << size);
      CHECK(broken_invariant(extraction->facts, *text, size) == "");
    }
  }
}

TEST_CASE("extract: mutated sources of every language keep all invariants", "[syntax]") {
  std::mt19937 random(5);
  const std::string_view junk[] = {
      "{", "}", "(", ")", "\"",  "'",      "/*",    "*/", "\n", "\r\n", "\t", "\xff", "\xe2\x82",
      "<", ">", ";", "#", "```", "=begin", "<<EOF", "\\", "${", "end",  ":",  "- "};
  for (const GoldenCase& c : golden_cases()) {
    const auto original = read_file(c.input);
    REQUIRE(original);
    for (int round = 0; round < 25; ++round) {
      std::string text = *original;
      for (unsigned k = random() % 8; k-- > 0 && !text.empty();) {
        const std::size_t at = random() % text.size();
        switch (random() % 4) {
          case 0:
            text.erase(at, random() % 40);
            break;
          case 1:
            text.insert(at, junk[random() % std::size(junk)]);
            break;
          case 2:
            text[at] = static_cast<char>(random());
            break;
          default:
            text.insert(at, text.substr(random() % text.size(), random() % 60));
            break;
        }
      }
      const auto extraction = extract_facts(c.language, text);
      REQUIRE(extraction);
      INFO(c.language << ", round " << round);
      CHECK(broken_invariant(extraction->facts, text, ExtractLimits{}.chunk_bytes) == "");
    }
  }
}

}  // namespace engram
