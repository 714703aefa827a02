#include "memory/name_match.h"

#include <algorithm>

namespace engram {

namespace {

constexpr int kExact = 10'000, kExactFolded = 9'500, kPrefix = 8'000, kWordStart = 6'000,
              kInitials = 4'000, kSubsequence = 2'000, kClassSpan = 1'900;
constexpr std::size_t kMaxNameBytes = kMaxStarts;  // longer names match by prefix only
static_assert(kPrefix - 500 > kWordStart - 500 + kClassSpan);
static_assert(kWordStart - 500 > kInitials - 500 + kClassSpan);

char fold(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

bool equal_folded(std::string_view name, std::size_t at, std::string_view lower) {
  if (name.size() - at < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (fold(name[at + i]) != lower[i]) return false;
  }
  return true;
}

// Greedy with preference for word starts: each pattern byte continues the run, or jumps to the
// next word start that has it, or else to its next occurrence. Gaps cost.
struct Alignment {
  bool found = false;
  bool starts_only = true;  // every jump landed on a word start
  int gaps = 0;
};
Alignment align(std::string_view name, std::string_view lower, const WordStarts& starts) {
  Alignment a;
  std::size_t at = 0;
  bool in_run = false;
  for (const char wanted : lower) {
    if (in_run && at < name.size() && fold(name[at]) == wanted) {
      ++at;
      continue;
    }
    std::size_t jump = std::string_view::npos, any = std::string_view::npos;
    for (std::size_t i = at; i < name.size(); ++i) {
      if (fold(name[i]) != wanted) continue;
      if (any == std::string_view::npos) any = i;
      if (starts[i]) {
        jump = i;
        break;
      }
    }
    if (any == std::string_view::npos) return a;
    if (jump == std::string_view::npos) a.starts_only = false;
    const std::size_t to = jump != std::string_view::npos ? jump : any;
    a.gaps += static_cast<int>(to - at);
    at = to + 1;
    in_run = true;
  }
  a.found = true;
  return a;
}

bool is_subsequence(std::string_view name, std::string_view lower) {
  std::size_t matched = 0;
  for (const char c : name) {
    if (matched < lower.size() && fold(c) == lower[matched]) ++matched;
  }
  return matched == lower.size();
}

int within(int base, std::size_t cost) {
  return base + kClassSpan - static_cast<int>(std::min<std::size_t>(cost, kClassSpan - 1));
}

}  // namespace

std::uint64_t letter_bit(char c) {
  return std::uint64_t{1} << (static_cast<unsigned char>(fold(c)) & 63);
}

NameShape shape_of(std::string_view name) {
  NameShape shape;
  shape.starts = word_starts(name);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::uint64_t bit = letter_bit(name[i]);
    shape.letters |= bit;
    if (i >= kMaxStarts || shape.starts[i]) shape.heads |= bit;
  }
  return shape;
}

NameMatcher::NameMatcher(std::string_view pattern) : pattern_(pattern) {
  for (const char c : pattern) {
    lower_.push_back(fold(c));
    letters_ |= letter_bit(c);
  }
  if (!pattern.empty()) head_ = letter_bit(pattern[0]);
}

int NameMatcher::prefix_score(std::string_view name) const {
  if (pattern_.empty() || !equal_folded(name, 0, lower_)) return 0;
  const std::size_t longer = name.size() - pattern_.size();
  const bool same_case = name.starts_with(pattern_);
  if (longer == 0) return same_case ? kExact : kExactFolded;
  return within(kPrefix - 500, longer * 4 + (same_case ? 0 : 2));
}

int NameMatcher::word_score(std::string_view name, const WordStarts& starts) const {
  if (name.size() > kMaxNameBytes) return 0;
  for (std::size_t i = 1; i + lower_.size() <= name.size(); ++i) {
    if (starts[i] && equal_folded(name, i, lower_)) {
      return within(kWordStart - 500, (name.size() - pattern_.size()) * 4 + i);
    }
  }
  return 0;
}

int NameMatcher::loose_score(std::string_view name, const WordStarts& starts) const {
  if (name.size() > kMaxNameBytes || !is_subsequence(name, lower_)) return 0;
  const std::size_t longer = name.size() - pattern_.size();
  const Alignment a = align(name, lower_, starts);
  if (a.found) {
    const bool from_start = !name.empty() && fold(name[0]) == lower_[0];
    const std::size_t cost =
        longer * 4 + static_cast<std::size_t>(a.gaps) * 8 + (from_start ? 0 : 40);
    return within((a.starts_only ? kInitials : kSubsequence) - 500, cost);
  }
  // The preference for word starts ran past the last letters.
  return within(kSubsequence - 1500, longer * 12);
}

int NameMatcher::loose_bound(std::size_t size, bool head) const {
  return within((head ? kInitials : kSubsequence) - 500, (size - pattern_.size()) * 4);
}

int NameMatcher::score(std::string_view name) const {
  if (pattern_.empty() || name.size() < pattern_.size()) return 0;
  if (const int prefix = prefix_score(name)) return prefix;
  const NameShape shape = shape_of(name);
  if (!can_fit(shape.letters, name.size())) return 0;
  if (const int word = word_score(name, shape.starts)) return word;
  return loose_score(name, shape.starts);
}

}  // namespace engram
