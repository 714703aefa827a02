#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/json.h"
#include "engine/grammar/gbnf.h"
#include "engine/grammar/json_schema.h"
#include "engine/grammar/utf8_ranges.h"
#include "tests/support/catch.h"
#include "tests/support/grammar_sampling.h"

namespace engram {
namespace {

bool allows(const std::shared_ptr<const Grammar>& grammar, std::string_view text) {
  Automaton automaton(grammar);
  const auto state = automaton.next(automaton.start(), text);
  return state != Automaton::kDead && automaton.accepts(state);
}

std::shared_ptr<const Grammar> made(Result<Grammar> grammar) {
  if (!grammar) throw std::runtime_error(grammar.error().message);
  return std::make_shared<const Grammar>(std::move(*grammar));
}

}  // namespace

TEST_CASE("grammar: a range of code points is exactly its UTF-8 sequences", "[engine]") {
  const GrammarBuilder::CodePoints ranges[] = {{0x41, 0x7A}, {0x7F, 0x900}, {0xD700, 0x10010}};
  GrammarBuilder builder;
  const RuleId root = builder.declare("root");
  builder.define(root, builder.code_point(ranges, GrammarBuilder::kReturn));
  const auto grammar = made(builder.finish(root));
  for (std::uint32_t c = 0; c < 0x11000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 63)),
              static_cast<char>(0x80 | (c & 63))};
    } else {
      text = {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 63)),
              static_cast<char>(0x80 | ((c >> 6) & 63)), static_cast<char>(0x80 | (c & 63))};
    }
    const bool within =
        (c >= 0x41 && c <= 0x7A) || (c >= 0x7F && c <= 0x900) || (c >= 0xD700 && c <= 0x10010);
    if (allows(grammar, text) != within) FAIL("code point " << c);
  }
  CHECK_FALSE(allows(grammar, "\xED\xA0\x80"));  // a surrogate
  CHECK_FALSE(allows(grammar, "\xC1\x81"));      // not the shortest form
}

TEST_CASE("grammar: GBNF allows what it says and nothing else", "[engine]") {
  struct Case {
    const char* grammar;
    std::vector<const char*> allowed, refused;
  };
  const Case cases[] = {
      {"root ::= \"ab\" | \"cd\"", {"ab", "cd"}, {"", "a", "abc", "ad"}},
      {"root ::= \"a\"* \"b\"+ \"c\"?", {"b", "aabbc"}, {"", "a", "ac", "bcc"}},
      {"root ::= \"a\"{2} | \"b\"{2,} | \"c\"{1,3}",
       {"aa", "bb", "bbbbb", "c", "ccc"},
       {"a", "aaa", "b", "cccc"}},
      {"root ::= [a-c]+ [^a-z\\n] .", {"abc1\xC3\xA9", "a-\n"}, {"abcd1x", "a\nx", "a1"}},
      {"root ::= item (\", \" item)* # a list\nitem ::= [0-9]+\n",
       {"1", "1, 22, 3"},
       {"", "1,2", "1, "}},
      {"root ::=\n  \"(\" root \")\"\n  | \"\"\n", {"", "(())"}, {"(", "())"}},
      {"root ::= \"\\x41\\u00e9\\\"\\\\\\t\"", {"A\xC3\xA9\"\\\t"}, {"A"}},
      {"root ::= (\"a\" | (\"b\" \"c\"))? \"d\"", {"d", "ad", "bcd"}, {"bd", "cd"}},
      {"root ::= [\\-\\]a]", {"-", "]", "a"}, {"b"}},
      {"root ::= (\"a\"?)* \"b\"", {"b", "aab"}, {"a"}},
  };
  for (const Case& c : cases) {
    INFO(c.grammar);
    const auto grammar = made(parse_gbnf(c.grammar));
    for (const char* text : c.allowed) CHECK(allows(grammar, text));
    for (const char* text : c.refused) CHECK_FALSE(allows(grammar, text));
  }
}

TEST_CASE("grammar: what is no grammar is one line with its place", "[engine]") {
  const std::pair<std::string, const char*> cases[] = {
      {"", "no rule 'root'"},
      {"item ::= \"a\"", "no rule 'root'"},
      {"root ::= item", "'item' is used but not defined"},
      {"root ::= \"a", "line 1, column 12: a text lacks its closing quote"},
      {"root ::= [a", "lacks its ']'"},
      {"root ::= [z-a]", "before its beginning"},
      {"root ::= (\"a\"", "expected ')'"},
      {"root ::= \"a\")", "closes nothing"},
      {"root ::= \"a\"\nroot ::= \"b\"", "line 2, column 9: 'root' is defined twice"},
      {"root ::= \"\\q\"", "unknown escape"},
      {"root ::= \"a\"{3,2}", "below its least"},
      {"root ::= \"a\"{99999}", "more than 4096"},
      {"root ::= root \"a\" | \"a\"", "'root' begins with itself"},
      {"root ::= \"a\"? other\nother ::= \"b\"* root", "begins with itself"},
      {"root ::= (((\"a\"{4000}){4000}){4000}){4000}", "too large"},
      {"root ::= " + std::string(5000, '('), "nested too deeply"},
      {"= \"a\"", "expected a rule"},
  };
  for (const auto& [text, part] : cases) {
    INFO(text.substr(0, 60));
    const auto grammar = parse_gbnf(text);
    REQUIRE_FALSE(grammar);
    CHECK(grammar.error().code == Errc::kInvalidArgument);
    INFO(grammar.error().message);
    CHECK(grammar.error().message.find(part) != std::string::npos);
    CHECK(grammar.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("grammar: a JSON schema allows documents as Python's jsonschema judges them",
          "[engine]") {
  const auto text = read_file(std::filesystem::path(ENGRAM_TEST_DATA) / "grammar/schemas.json");
  REQUIRE(text);
  const auto cases = parse_json(*text);
  REQUIRE(cases);
  std::size_t n = 0;
  for (const json::value& one : cases->as_array()) {
    const std::string schema = to_json(one.at("schema"));
    INFO(schema);
    const auto grammar = made(grammar_of_json_schema(schema));
    for (const json::value& document : one.at("documents").as_array()) {
      const bool allowed = allows(grammar, std::string_view(document.at("text").as_string()));
      INFO(std::string_view(document.at("text").as_string()));
      if (document.at("spelled").as_bool()) {
        CHECK(allowed == document.at("valid").as_bool());
      } else if (allowed) {
        CHECK(document.at("valid").as_bool());
      }
      ++n;
    }
  }
  CHECK(n > 120);
}

TEST_CASE("grammar: a schema that cannot be followed is one line naming place and keyword",
          "[engine]") {
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += R"({"items":)";
  const std::pair<std::string, const char*> cases[] = {
      {"{", "cannot follow the JSON schema"},
      {"5", "a schema is an object"},
      {"false", "false allows nothing"},
      {R"({"type":"strin"})", "the type 'strin' is unknown (known: object"},
      {R"({"properties":{"a":{"uniqueItems":true}}})",
       "'#/properties/a': the keyword 'uniqueItems'"},
      {R"x({"pattern":"a(?=b)"})x", "'#': the pattern looks around"},
      {R"x({"pattern":"(a)\\1"})x", "the escape '\\1'"},
      {R"x({"pattern":"\\bword"})x", "the escape '\\b'"},
      {R"x({"pattern":"a$b"})x", "has an anchor that is not at the beginning or end"},
      {R"x({"pattern":"(^a)"})x", "has an anchor"},
      {R"x({"pattern":"a)"})x", "closes nothing"},
      {R"x({"pattern":"(a"})x", "lacks a ')'"},
      {R"x({"pattern":"[a"})x", "lacks a ']'"},
      {R"x({"pattern":"[z-a]"})x", "wrong range"},
      {R"x({"pattern":"*a"})x", "repeats nothing"},
      {R"x({"pattern":"a**"})x", "repeats a repetition"},
      {R"x({"pattern":"a{3,2}"})x", "wrong repetition"},
      {R"x({"pattern":"a{99999}"})x", "more than 4096"},
      {R"x({"pattern":"((a{4000}){4000}){4000}"})x", "too large"},
      {R"x({"pattern":5})x", "'pattern' is not a string"},
      {R"x({"pattern":"a","maxLength":3})x", "'maxLength' beside 'pattern'"},
      {R"({"not":{}})", "'not' is not supported"},
      {R"({"allOf":[{},{}]})", "merge them"},
      {R"({"oneOf":[{"type":"string"},{"type":"string"}]})", "different types"},
      {R"({"anyOf":[{}],"type":"string"})", "'type' beside 'anyOf'"},
      {R"({"$ref":"other.json"})", "leads out of the document"},
      {R"({"$ref":"#/$defs/a"})", "not in the document"},
      {R"({"$ref":"#"})", "begins with itself"},
      {R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})",
       "begins with itself"},
      {R"({"type":"string","maxLength":1,"minLength":2})", "below 'minLength'"},
      {R"({"type":"string","maxLength":100000})", "above 4096"},
      {R"({"type":"string","maxLength":-1})", "no whole number"},
      {R"({"type":"integer","minimum":5,"maximum":4})", "no number"},
      {R"({"type":"object","required":["b"],"properties":{},"additionalProperties":false})",
       "'b' is required but not allowed"},
      {R"({"enum":[],"type":"string"})", "no value of 'enum'"},
      {R"({"enum":["a"],"type":"integer"})", "no value of 'enum'"},
      {R"({"type":"array","minItems":3,"items":false})", "'minItems' asks"},
      {R"({"type":"array","maxItems":4000,"items":{"enum":[")" + std::string(5000, 'x') + R"("]}})",
       ""},
      {deep, "cannot follow the JSON schema"},
      {std::string(2 << 20, ' '), "longer than 1 MiB"},
  };
  for (const auto& [text, part] : cases) {
    INFO(text.substr(0, 80));
    const auto grammar = grammar_of_json_schema(text);
    if (*part == '\0') {
      CHECK(grammar);
      continue;
    }
    REQUIRE_FALSE(grammar);
    INFO(grammar.error().message);
    CHECK(grammar.error().message.find(part) != std::string::npos);
    CHECK(grammar.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("grammar: a state's mask has exactly the tokens all of whose bytes may follow",
          "[engine]") {
  const auto index = grammar_tokens();
  const auto grammar = made(grammar_of_json_schema(
      R"({"type":"object","properties":{"a":{"type":"boolean"},"é":{"type":"integer"}}})"));
  TokenConstraint constraint(grammar, index);
  for (const std::string text : {"", "{", "{\"", "{\"a", "{\"a\":", "{\"a\":t", "{\"a\":true",
                                 "{\"a\":true, \"\xC3", "{\"\xC3\xA9\":1", "{}"}) {
    INFO(text);
    const auto state = constraint.next(constraint.start(), text);
    REQUIRE(state != TokenConstraint::kDead);
    const TokenMask mask = constraint.mask(state);
    for (std::size_t i = 0; i < index->tokenizer().vocab_size(); ++i) {
      const auto id = static_cast<TokenId>(i);
      const std::string_view bytes = index->tokenizer().bytes(id);
      const bool may = bytes.empty() ? index->tokenizer().is_end(id) && constraint.accepts(state)
                                     : constraint.next(state, bytes) != TokenConstraint::kDead;
      INFO("token " << i << " " << bytes);
      CHECK(mask.allows(id) == may);
    }
  }
}

TEST_CASE("grammar: inside strings of any kind a mask is that of every token tried alone",
          "[engine]") {
  const auto index = grammar_tokens();
  struct Case {
    const char* schema;
    std::vector<std::string> texts;
  };
  const Case cases[] = {
      {R"({"type":"string"})", {"\"", "\"a", "\"\\", "\"\\u00", "\"\xC3", "\"\xC3\xA9"}},
      {R"({"type":"string","minLength":1,"maxLength":3})",
       {"\"", "\"a", "\"ab", "\"abc", "\"a\\n", "\"ab\xF0\x9F"}},
      // Of different lengths, and beside a text of its own.
      {R"({"anyOf":[{"type":"string","maxLength":1},{"type":"string","minLength":3}]})",
       {"", "\"", "\"a", "\"ab", "\"abc"}},
      {R"({"anyOf":[{"type":"string","maxLength":2},{"const":"true1"}]})",
       {"\"", "\"t", "\"tr", "\"tru"}},
      {"true", {"[\"", "{\"a", "{\"a\":\"12"}},
  };
  for (const Case& c : cases) {
    TokenConstraint constraint(made(grammar_of_json_schema(c.schema)), index);
    for (const std::string& text : c.texts) {
      INFO(c.schema << " after " << text);
      const auto state = constraint.next(constraint.start(), text);
      REQUIRE(state != TokenConstraint::kDead);
      const TokenMask mask = constraint.mask(state);
      for (std::size_t i = 0; i < index->tokenizer().vocab_size(); ++i) {
        const auto id = static_cast<TokenId>(i);
        const std::string_view bytes = index->tokenizer().bytes(id);
        const bool may = bytes.empty() ? index->tokenizer().is_end(id) && constraint.accepts(state)
                                       : constraint.next(state, bytes) != TokenConstraint::kDead;
        INFO("token " << i << " " << bytes);
        CHECK(mask.allows(id) == may);
      }
    }
  }
}

TEST_CASE("grammar: plain characters are those that a JSON string holds as they are", "[engine]") {
  for (unsigned c = 0; c < 0x80; ++c) {
    const char text = static_cast<char>(c);
    const bool plain = static_cast<bool>(parse_json(std::string("\"") + text + "\""));
    CHECK((plain_character({&text, 1}) == 1) == plain);
  }
  CHECK(plain_character("\xC3\xA9x") == 2);
  CHECK(plain_character("\xE2\x82\xAC") == 3);
  CHECK(plain_character("\xF0\x9F\x98\x80") == 4);
  for (const char* bad : {"", "\xC3", "\xC1\x81", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80"}) {
    CHECK(plain_character(bad) == 0);
  }
}

TEST_CASE("grammar: whatever is drawn from a schema is JSON to its end", "[engine]") {
  const auto index = grammar_tokens();
  const auto text = read_file(std::filesystem::path(ENGRAM_TEST_DATA) / "grammar/schemas.json");
  const auto cases = parse_json(*text);
  for (const json::value& one : cases->as_array()) {
    const std::string schema = to_json(one.at("schema"));
    TokenConstraint constraint(made(grammar_of_json_schema(schema)), index);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const std::string drawn = sample_text(constraint, index, seed);
      INFO(schema << " seed " << seed << ": " << drawn);
      CHECK(parse_json(drawn, 512));
    }
  }
}

TEST_CASE("grammar: thousands of choices stay small, nesting has an end", "[engine]") {
  std::string values;
  for (int i = 0; i < 5000; ++i) values += fmt::format("{}\"option-{}\"", i > 0 ? "," : "", i);
  const auto many = made(grammar_of_json_schema("{\"enum\":[" + values + "]}"));
  CHECK(many->nodes().size() < 30000);
  CHECK(allows(many, "\"option-4999\""));
  CHECK_FALSE(allows(many, "\"option-5000\""));

  const auto any = made(grammar_of_json_schema("true"));
  CHECK(allows(any, std::string(60, '[') + std::string(60, ']')));
  CHECK_FALSE(allows(any, std::string(2000, '[') + std::string(2000, ']')));
}

}  // namespace engram
