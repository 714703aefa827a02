#include <algorithm>

#include "assist/completion/context.h"
#include "assist/completion/sources.h"
#include "tests/assist/marked_text.h"

namespace engram {

namespace {

ContextQuery query_at(const char* marked, const std::vector<std::string>& known = {}) {
  const MarkedText text(marked);
  return context_query("src/a.cpp", "cpp", text.text, text.offset, known);
}

bool contains(const std::vector<std::string>& all, std::string_view name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

}  // namespace

TEST_CASE("context_query: names near the cursor come first, keywords never", "[assist]") {
  const auto query =
      query_at("int far_away = 0;\n\n\nint nearer = 1;\nreturn nearest + ^;\nint below_it;\n");
  REQUIRE(query.identifiers.size() == 4);
  CHECK(query.identifiers[0] == "nearest");
  CHECK(query.identifiers[1] == "nearer");
  CHECK(contains(query.identifiers, "far_away"));
  CHECK(contains(query.identifiers, "below_it"));
  CHECK_FALSE(contains(query.identifiers, "return"));
}

TEST_CASE("context_query: text below counts nearly as text above, as far as a screen", "[assist]") {
  const std::string gap(300, '\n'), screen(1100, '\n');
  const std::string text =
      "int above;" + gap + "^" + gap.substr(150) + "int below;" + screen + "int far_below;\n";
  const auto query = query_at(text.c_str());
  CHECK(query.identifiers == std::vector<std::string>{"below", "above"});
}

TEST_CASE("context_query: words of comments are left out when the tree knows better", "[assist]") {
  const auto query = query_at("// remember the milk\nint counter = ^;\n", {"counter"});
  CHECK(query.identifiers == std::vector<std::string>{"counter"});
}

TEST_CASE("context_query: the type of the receiver is found in its declaration", "[assist]") {
  struct Case {
    const char* why;
    const char* text;
    const char* type;  // empty: none
  };
  const auto c = GENERATE(values<Case>({
      {"a parameter", "void f(Counter& c) {\n  c.^\n}\n", "Counter"},
      {"a pointer", "Counter* c = make();\nc->^\n", "Counter"},
      {"a half-typed member", "Counter c;\nc.incr^\n", "Counter"},
      {"a smart pointer", "std::unique_ptr<Counter> c;\nc->^\n", "Counter"},
      {"auto with a constructor", "auto c = Counter(1);\nc.^\n", "Counter"},
      {"Python annotation", "def f(c: Counter):\n    c.^\n", "Counter"},
      {"Python constructor", "c = Counter()\nc.^\n", "Counter"},
      {"a scope", "Counter::^\n", "Counter"},
      {"no receiver", "Counter c;\nx = ^\n", ""},
      {"a number is none", "x = 1.^\n", ""},
  }));
  INFO(c.why << "\n" << c.text);
  const auto types = query_at(c.text).receiver_types;
  if (*c.type == '\0') {
    CHECK_FALSE(contains(types, "Counter"));
  } else {
    CHECK(contains(types, c.type));
  }
}

TEST_CASE("context_query: a long line or a large file costs little", "[assist]") {
  const std::string wide(1'000'000, 'x');
  CHECK(context_query("a", "cpp", wide, wide.size() / 2, {}).identifiers.size() <= 1);
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "c.f(c, c);\n";
  CHECK(context_query("a", "cpp", text + "c.", text.size() + 2, {}).receiver_types.size() <= 5);
}

TEST_CASE("sources: definitions first, then chunks, then the file itself", "[assist]") {
  PromptSnippet definitions;
  definitions.kind = PromptSnippet::Kind::kDefinitions;
  definitions.path = "b.h";
  definitions.names = {"defined_name", "other_name"};
  definitions.lines = {12, 14};
  definitions.certainty = Certainty::kSyntactic;
  PromptSnippet chunk;
  chunk.path = "c.cpp";
  chunk.line = 100;
  chunk.text = "int a;\nuse(chunk_name);\n";
  const std::string text = "int own_name;\n\nreturn ";
  const std::vector<PromptSnippet> snippets = {chunk, definitions};

  const auto all = find_sources("defined_name + chunk_name + own_name + nowhere_name", snippets,
                                "a.cpp", text, text.size());
  REQUIRE(all.places.size() == 3);
  CHECK(all.places[0].path == "b.h");
  CHECK(all.places[0].line == 12);
  CHECK(all.places[1].path == "c.cpp");
  CHECK(all.places[1].line == 101);
  CHECK(all.places[2].path == "a.cpp");
  CHECK(all.places[2].line == 1);
  CHECK(all.certainty == Certainty::kTextual);  // the weakest decides

  const auto defined = find_sources("other_name()", snippets, "a.cpp", text, text.size());
  REQUIRE(defined.places.size() == 1);
  CHECK(defined.places[0].line == 14);
  CHECK(defined.certainty == Certainty::kSyntactic);
  CHECK(find_sources("}", snippets, "a.cpp", text, text.size()).places.empty());
}

}  // namespace engram
