#include "lsp/suggestion_cache.h"

#include "tests/support/catch.h"

namespace engram::lsp {

namespace {

// `before` with ^ at the cursor, the item shown there; then `after` with ^ at the cursor: what is
// offered, "<replaced>" first, or "-".
std::string offered(std::string before, const std::string& item, std::string after,
                    std::size_t healed = 0) {
  SuggestionCache cache({});
  const auto at = before.find('^');
  before.erase(at, 1);
  CompletionItem shown;
  shown.text = item;
  shown.begin = at - healed;
  shown.end = at;
  cache.remember("u", std::make_shared<const std::string>(before), shown);
  const auto cursor = after.find('^');
  after.erase(cursor, 1);
  const auto found = cache.find("u", after, cursor);
  if (!found) return "-";
  CHECK(found->begin == cursor);
  return "<" + after.substr(found->begin, found->end - found->begin) + ">" + found->text;
}

}  // namespace

TEST_CASE("cache: a suggestion holds while the user types along it", "[lsp]") {
  struct Case {
    const char* why;
    const char *before, *item, *after, *offered;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing typed", "x = ^;", "f(1)", "x = ^;", "<>f(1)"},
      {"one character", "x = ^;", "f(1)", "x = f^;", "<>(1)"},
      {"all but one", "x = ^;", "f(1)", "x = f(1^;", "<>)"},
      {"all of it: nothing left", "x = ^;", "f(1)", "x = f(1)^;", "-"},
      {"something else", "x = ^;", "f(1)", "x = g^;", "-"},
      {"cursor before the item", "x = ^;", "f(1)", "x ^;", "-"},
      {"text before changed", "x = ^;", "f(1)", "y = f^;", "-"},
      {"text after changed", "x = ^;", "f(1)", "x = f^,", "-"},
      {"over a line end", "{^}", "\n  a;\n", "{\n  ^}", "<>a;\n"},
      {"the editor closed the bracket", "x = ^;", "f(a, b)", "x = f(^);", "<)>a, b)"},
      {"and the quote in it", "x = ^;", "f(\"s\")", "x = f(\"^\");", "<\")>s\")"},
      {"closed, but the item closes nothing", "x = ^;", "f(a", "x = f(^);", "-"},
      {"no closer was added", "x = ^;", "f(a)", "x = f(^b;", "-"},
  }));
  INFO(c.why);
  CHECK(offered(c.before, c.item, c.after) == c.offered);
}

TEST_CASE("cache: an item that takes back typed characters is trimmed by them", "[lsp]") {
  CHECK(offered("x = pu^;", "push_back", "x = pus^;", 2) == "<>h_back");
  CHECK(offered("x = pu^;", "push_back", "x = p^;", 2) == "<>ush_back");  // a backspace
}

TEST_CASE("cache: old entries go first, big documents are not kept, closing forgets", "[lsp]") {
  SuggestionCache cache({.entries = 2, .bytes = 100});
  const auto text = std::make_shared<const std::string>("ab");
  const auto item = [](std::size_t at, const char* words) {
    CompletionItem i;
    i.text = words;
    i.begin = i.end = at;
    return i;
  };
  cache.remember("u", text, item(0, "zero"));
  cache.remember("u", text, item(1, "one"));
  cache.remember("u", text, item(2, "two"));
  CHECK_FALSE(cache.find("u", "ab", 0));
  CHECK(cache.find("u", "ab", 1)->text == "one");
  CHECK_FALSE(cache.find("other", "ab", 1));
  cache.remember("u", std::make_shared<const std::string>(std::string(101, 'x')), item(0, "big"));
  CHECK_FALSE(cache.find("u", std::string(101, 'x'), 0));
  cache.forget("u");
  CHECK_FALSE(cache.find("u", "ab", 1));
}

}  // namespace engram::lsp
