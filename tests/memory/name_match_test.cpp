// How well a pattern fits a name, against the rules of name_match.h written down plainly.
#include "memory/name_match.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

namespace engram {

namespace {

std::string folded(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return text;
}

// The score of a name in which the letters of `pattern` jump to the next word start that has them,
// else to the next place; 0: it is no sub-sequence.
int loose(const std::string& pattern, const std::string& name, const WordStarts& starts) {
  std::size_t matched = 0;
  for (const char c : name) matched += matched < pattern.size() && c == pattern[matched];
  if (matched < pattern.size()) return 0;
  const int longer = static_cast<int>(name.size() - pattern.size());
  bool starts_only = true;
  int gaps = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i > 0 && at < name.size() && name[at] == pattern[i]) {
      ++at;
      continue;
    }
    const std::size_t any = name.find(pattern[i], at);
    if (any == std::string::npos) return 2400 - std::min(longer * 12, 1899);
    std::size_t to = any;
    while (to != std::string::npos && !starts[to]) to = name.find(pattern[i], to + 1);
    if (to == std::string::npos) starts_only = false, to = any;
    gaps += static_cast<int>(to - at);
    at = to + 1;
  }
  const int cost = longer * 4 + gaps * 8 + (name[0] == pattern[0] ? 0 : 40);
  return (starts_only ? 5400 : 3400) - std::min(cost, 1899);
}

int expected(const std::string& pattern, const std::string& name) {
  if (pattern.empty() || name.size() < pattern.size()) return 0;
  const std::string p = folded(pattern), n = folded(name);
  const int longer = static_cast<int>(n.size() - p.size());
  if (name == pattern) return 10'000;
  if (n == p) return 9'500;
  if (n.starts_with(p)) {
    return 9400 - std::min(longer * 4 + (name.starts_with(pattern) ? 0 : 2), 1899);
  }
  const WordStarts starts = word_starts(name);
  for (std::size_t at = n.find(p); at != std::string::npos; at = n.find(p, at + 1)) {
    if (starts[at]) return 7400 - std::min(longer * 4 + static_cast<int>(at), 1899);
  }
  return loose(p, n, starts);
}

}  // namespace

TEST_CASE("name match: short and long names score by the rules", "[memory]") {
  std::mt19937_64 random(3);
  const std::string letters = "abcABC_2";
  const auto word = [&](std::size_t size) {
    std::string out;
    while (out.size() < size) out += letters[random() % letters.size()];
    return out;
  };
  for (int i = 0; i < 200; ++i) {
    const std::string pattern = word(1 + random() % 6);
    const NameMatcher matcher(pattern);
    for (int k = 0; k < 50; ++k) {
      const std::string name = word(k % 5 == 0 ? 60 + random() % 9 : random() % 24);
      INFO(pattern << " in " << name);
      CHECK(matcher.score(name) == expected(pattern, name));
    }
  }
}

}  // namespace engram
