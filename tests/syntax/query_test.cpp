#include "indexer/syntax/grammar.h"
#include "indexer/syntax/path_automaton.h"
#include "indexer/syntax/query_file.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("query file: a mistake is named with its file and line", "[syntax]") {
  struct Case {
    const char* text;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"(a (b)", "q.scm:1: a name is expected"},
      {"; comment\n\n(a \"x", "q.scm:3: a string is not closed"},
      {"(a [ (b) (c)", "q.scm:1: an alternation is not closed"},
      {"(a name (b))", "q.scm:1: a field name is followed by ':'"},
      {"((a) @x (#match? @x \"y\"))", "q.scm:1: unknown predicate #match?"},
      {"((a) @x (#eq? x \"y\"))", "q.scm:1: a predicate begins with a capture"},
      {"} (a)", "q.scm:1: a pattern cannot begin with '}'"},
      {"(#inherits! c)", "q.scm:1: a directive takes strings"},
  }));
  INFO(c.text);
  const auto parsed = parse_query_file("q.scm", c.text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.starts_with(std::string_view(c.message).substr(0, 9)));
}

TEST_CASE("query file: alternations become one pattern for each way to choose", "[syntax]") {
  const auto parsed = parse_query_file(
      "q.scm", "(a x: [(b (c) @name) (d)] y: [(e) (f)]) @definition.class\n[(g) (h)] @string");
  REQUIRE(parsed);
  REQUIRE(parsed->patterns.size() == 3);  // x has two shapes; y and the last are plain sets
  CHECK(parsed->patterns[0].root.children[1].symbols.size() == 2);
  CHECK(parsed->patterns[2].root.symbols.size() == 2);
}

TEST_CASE("path automaton: a pattern that does not fit the grammar is refused", "[syntax]") {
  struct Case {
    const char* text;
    const char* why;
  };
  const auto c = GENERATE(values<Case>({
      {"(no_such_node) @string", "the grammar has no node \"no_such_node\""},
      {"(function_definition nowhere: (_)) @scope", "the grammar has no field \"nowhere\""},
      {"(identifier) @surprise", "unknown capture @surprise"},
      {"(identifier) @definition.surprise", "unknown symbol kind"},
      {"(identifier) @reference.surprise", "unknown reference kind"},
      {"(declaration type: (_) declarator: (identifier) @name @definition.variable)",
       "a part lies outside"},
      {"(#widen! \"no_such_node\")", "the grammar has no node"},
      {"(#shrink! \"declaration\")", "unknown directive"},
  }));
  INFO(c.text);
  const auto parsed = parse_query_file("q.scm", c.text);
  REQUIRE(parsed);
  const auto compiled = PathAutomaton::compile(grammar_of("c"), {*parsed});
  REQUIRE_FALSE(compiled);
  CHECK_THAT(compiled.error().message, Catch::Matchers::ContainsSubstring(c.why));
}

}  // namespace engram
