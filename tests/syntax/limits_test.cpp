#include <time.h>

#include <chrono>

#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/syntax_tree.h"
#include "tests/support/catch.h"
#include "tests/syntax/fact_invariants.h"

namespace engram {

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::string repeat(std::string_view piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

}  // namespace

TEST_CASE("limits: a text over a cap is still cut into lines, with the reason", "[syntax]") {
  struct Case {
    const char* why;
    const char* language;
    std::string text;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"10 MB", "cpp", repeat("int value = call(1, 2);\n", 10'000'000 / 24), "too_large"},
      {"a line of 1 MB", "javascript", "var a = '" + repeat("x", 1'000'000) + "';\n", "long_lines"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const auto extraction = extract_facts(c.language, c.text);
    REQUIRE(extraction);
    CHECK(extraction->limited_by == c.reason);
    CHECK(extraction->facts.symbols.empty());
    CHECK_FALSE(extraction->facts.chunks.empty());
    CHECK(extraction->facts.certainty == Certainty::kTextual);
  }
}

TEST_CASE("limits: 10 MB can be read when the caller raises the cap", "[syntax]") {
  ExtractLimits limits;
  limits.max_bytes = 16u << 20;
  limits.parse_time = std::chrono::seconds(60);
  const std::string text = repeat("int value = call(1, 2);\n", 10'000'000 / 24);
  const auto extraction = extract_facts("cpp", text, limits);
  REQUIRE(extraction);
  CHECK(extraction->limited_by.empty());
  CHECK(extraction->facts.symbols.size() > 400'000);
}

TEST_CASE("limits: nesting 100,000 deep meets a cap in every language, never the stack",
          "[syntax]") {
  constexpr std::size_t kDepth = 100'000;
  const std::string_view openers[] = {"(", "{", "<a>", "- ", "\"#{"};
  ExtractLimits limits;
  limits.parse_time = std::chrono::milliseconds(60);  // what is slow to parse is given up
  limits.max_line_bytes = 10u << 20;
  for (const std::string_view language : languages()) {
    for (const std::string_view opener : openers) {
      INFO(language << ": " << opener);
      const std::string text = repeat(opener, kDepth);
      const double before = cpu_seconds();
      const auto extraction = extract_facts(language, text, limits);
      REQUIRE(extraction);
      CHECK(cpu_seconds() - before < 10);  // of this thread: other load does not count
      CHECK(broken_invariant(extraction->facts, text, limits.chunk_bytes) == "");
    }
  }
  const std::string balanced = "int x = " + repeat("(", kDepth) + "1" + repeat(")", kDepth) + ";";
  const auto extraction = extract_facts("cpp", balanced, limits);
  REQUIRE(extraction);
  CHECK_FALSE(extraction->limited_by.empty());
}

TEST_CASE("limits: a parse over its time is given up, and the next file is fine", "[syntax]") {
  ExtractLimits limits;
  limits.parse_time = std::chrono::milliseconds(1);
  const auto late =
      extract_facts("cpp", repeat("int f(int a) { return a * 2; }\n", 50'000), limits);
  REQUIRE(late);
  CHECK(late->limited_by == "parse_timeout");
  CHECK_FALSE(late->facts.chunks.empty());
  const auto next = extract_facts("cpp", "int x;");
  REQUIRE(next);
  CHECK(next->facts.symbols.size() == 1);
}

TEST_CASE("limits: an editable tree of deep nesting answers every question", "[syntax]") {
  const std::string text = repeat("{", 100'000);
  auto tree = SyntaxTree::parse("javascript", text, std::chrono::seconds(10));
  if (!tree) {
    CHECK(tree.error().code == Errc::kBusy);
    return;
  }
  CHECK_FALSE(tree->ancestors(text.size() / 2).empty());
  CHECK(tree->errors(0, text.size()).errors + tree->errors(0, text.size()).missing > 0);
  tree->enclosing_block(50'000);
  CHECK(tree->identifiers(0, text.size(), 5).empty());
}

}  // namespace engram
