#include "indexer/commands/shell_words.h"

#include <random>

#include "tests/commands/run_program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

TEST_CASE("shell words: quotes, escapes and continued lines") {
  struct Case {
    const char* text;
    std::vector<std::string> words;
  };
  const auto c = GENERATE(values<Case>({
      {"", {}},
      {"  g++  -c\ta.cpp\n", {"g++", "-c", "a.cpp"}},
      {R"(-DX=\"a b\" '-DY="q"')", {"-DX=\"a", "b\"", "-DY=\"q\""}},
      {R"("-DZ=\"a b\"" "\x")", {"-DZ=\"a b\"", "\\x"}},
      {R"(a"b"'c'd "" '')", {"abcd", "", ""}},
      {"a\\\nb \\\n c", {"ab", "c"}},
      {R"($HOME `id` $(id) a;b && c)", {"$HOME", "`id`", "$(id)", "a;b", "&&", "c"}},
      {R"('open)", {"open"}},
      {R"(last\)", {"last\\"}},
  }));
  INFO(c.text);
  CHECK(split_words(c.text) == c.words);
}

TEST_CASE("shell words: agree with sh on random quoting") {
  std::mt19937 random(20261128);
  const std::string letters = "ab  \t''\"\"\\\\";
  std::vector<std::string> texts;
  std::string script;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::size_t n = random() % 14; n > 0; --n) text += letters[random() % letters.size()];
    script += "(T=" + shell_quoted(text) +
              "; eval \"set -- $T\"; printf '%s\\037' \"$#\" \"$@\") 2>/dev/null; printf '\\036'\n";
    texts.push_back(std::move(text));
  }
  const TemporaryDirectory directory;
  directory.write("oracle.sh", script);
  const std::string answers = run_program("sh " + (directory.path() / "oracle.sh").string()).first;
  std::size_t at = 0, compared = 0;
  for (const std::string& text : texts) {
    const std::size_t end = answers.find('\036', at);
    REQUIRE(end != std::string::npos);
    const std::string answer = answers.substr(at, end - at);
    at = end + 1;
    if (answer.empty() || text.ends_with('\\')) continue;  // sh says: unfinished
    const auto words = split_words(text);
    std::string ours = std::to_string(words.size()) + '\037';
    for (const auto& word : words) ours += word + '\037';
    INFO("text: " << text);
    CHECK(ours == answer);
    ++compared;
  }
  CHECK(compared > 100);
}

}  // namespace engram
