#include "core/edited_region.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("edited_region: what was typed, removed or replaced, and nothing of equal texts",
          "[core]") {
  struct Case {
    const char *before, *after;
    std::size_t begin, end, inserted;
  };
  for (const Case& c :
       {Case{"abc", "abXc", 2, 2, 1}, Case{"abc", "ac", 1, 2, 0}, Case{"abc", "aXYc", 1, 2, 2},
        Case{"", "new", 0, 0, 3}, Case{"old", "", 0, 3, 0}, Case{"aa", "aaa", 2, 2, 1},
        Case{"aba", "ababa", 3, 3, 2}, Case{"abab", "ab", 2, 4, 0}}) {
    INFO(c.before << " to " << c.after);
    const EditedRegion edit = edited_region(c.before, c.after);
    CHECK(edit.begin == c.begin);
    CHECK(edit.end == c.end);
    CHECK(edit.inserted == c.inserted);
    CHECK_FALSE(edit.is_empty());
  }
  CHECK(edited_region("same", "same").is_empty());
  CHECK(edited_region("", "").is_empty());
}

TEST_CASE("edited_region: replacing it turns any text into the other", "[core]") {
  std::mt19937 random(5);
  const auto text = [&] {
    std::string out(random() % 6, 'a');
    for (char& c : out) c = static_cast<char>('a' + random() % 2);
    return out;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string before = text(), after = text();
    const EditedRegion edit = edited_region(before, after);
    std::string made = before;
    made.replace(edit.begin, edit.end - edit.begin, after.substr(edit.begin, edit.inserted));
    CHECK(made == after);
  }
}

}  // namespace engram
