#include "assist/navigation/text_shift.h"

#include <string>

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("text shift: what stands before and behind the difference is found", "[navigation]") {
  struct Case {
    const char* why;
    const char* from;
    const char* to;
    const char* word;  // looked for in `from`
    long expected;     // in `to`; -1: not known
  };
  const auto c = GENERATE(values<Case>({
      {"the same text", "a b c", "a b c", "b", 2},
      {"a line above", "b;\nc;", "a;\nb;\nc;", "c", 6},
      {"a line below", "b;\nc;", "b;\nc;\nd;", "b", 0},
      {"in the difference", "a bb c", "a xx c", "bb", -1},
      {"a name that grew at its end", "a bb", "a bbb", "bb", -1},
      {"a name that grew at its beginning", "a bb c", "a xbb c", "bb", -1},
      {"everything else", "abc", "xyz", "b", -1},
      {"nothing left", "abc", "", "b", -1},
  }));
  INFO(c.why);
  const std::string from = c.from;
  const TextShift shift(from, c.to);
  const std::size_t at = from.find(c.word);
  const auto found = shift.map(at, at + std::string(c.word).size());
  CHECK((found ? static_cast<long>(*found) : -1) == c.expected);
  if (found) CHECK(std::string(c.to).substr(*found, std::string(c.word).size()) == c.word);
}

}  // namespace engram
