#include "memory/name_match.h"

#include <algorithm>
#include <bit>

#include "core/ascii.h"

namespace engram {

namespace {

constexpr int kExact = 10'000, kExactFolded = 9'500, kPrefix = 8'000, kWordStart = 6'000,
              kInitials = 4'000, kSubsequence = 2'000, kClassSpan = 1'900;
constexpr int kGap = 8, kNotFromStart = 40;
constexpr std::size_t kMaxNameBytes = kMaxStarts;  // longer names match by prefix only
constexpr std::size_t kShort = 64;                 // names of which a word has a bit for each byte
static_assert(kPrefix - 500 > kWordStart - 500 + kClassSpan);
static_assert(kWordStart - 500 > kInitials - 500 + kClassSpan);

bool equal_folded(std::string_view name, std::size_t at, std::string_view lower) {
  if (name.size() - at < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (to_lower(name[at + i]) != lower[i]) return false;
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
    if (in_run && at < name.size() && to_lower(name[at]) == wanted) {
      ++at;
      continue;
    }
    std::size_t jump = std::string_view::npos, any = std::string_view::npos;
    for (std::size_t i = at; i < name.size(); ++i) {
      if (to_lower(name[i]) != wanted) continue;
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
    if (matched < lower.size() && to_lower(c) == lower[matched]) ++matched;
  }
  return matched == lower.size();
}

int within(int base, std::size_t cost) {
  return base + kClassSpan - static_cast<int>(std::min<std::size_t>(cost, kClassSpan - 1));
}

int loose_score_of(const Alignment& a, std::size_t longer, bool from_start) {
  // Not found: the preference for word starts ran past the last letters.
  if (!a.found) return within(kSubsequence - 1500, longer * 12);
  const std::size_t cost =
      longer * 4 + static_cast<std::size_t>(a.gaps * kGap + (from_start ? 0 : kNotFromStart));
  return within((a.starts_only ? kInitials : kSubsequence) - 500, cost);
}

}  // namespace

std::uint64_t letter_bit(char c) {
  return std::uint64_t{1} << (static_cast<unsigned char>(to_lower(c)) & 63);
}

std::uint64_t letters_of(std::string_view name) {
  constexpr std::uint64_t kLetters = ((std::uint64_t{1} << 26) - 1) << ('a' & 63);
  constexpr int kTwice = 32;  // 'a' twice is bit 1, where 'A' would be
  std::uint64_t once = 0, twice = 0;
  for (const char c : name) {
    const std::uint64_t bit = letter_bit(c);
    twice |= once & bit;
    once |= bit;
  }
  return once | (twice & kLetters) >> kTwice;
}

NameShape shape_of(std::string_view name) {
  NameShape shape;
  shape.letters = letters_of(name);
  shape.starts = first_word_starts(name);
  if (name.size() <= 64) {
    for (std::uint64_t rest = shape.starts; rest != 0; rest &= rest - 1) {
      shape.heads |= letter_bit(name[static_cast<std::size_t>(std::countr_zero(rest))]);
    }
    return shape;
  }
  const WordStarts starts = word_starts(name);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i >= kMaxStarts || starts[i]) shape.heads |= letter_bit(name[i]);
  }
  return shape;
}

NameMatcher::NameMatcher(std::string_view pattern)
    : pattern_(pattern), letters_(letters_of(pattern)) {
  for (const char c : pattern) {
    lower_.push_back(to_lower(c));
    std::uint8_t& slot = slots_[static_cast<unsigned char>(lower_.back())];
    if (slot == 0 && distinct_ < kShort) slot = ++distinct_;  // longer patterns fit no short name
  }
  for (char c = 'A'; c <= 'Z'; ++c) {
    slots_[static_cast<unsigned char>(c)] = slots_[static_cast<unsigned char>(to_lower(c))];
  }
  if (pattern.empty()) return;
  head_ = letter_bit(pattern[0]);
  const ByteClass first = byte_class(static_cast<unsigned char>(pattern[0]));
  const bool begins_words = first != ByteClass::kOther && first != ByteClass::kUnderscore;
  from_inside_ = begins_words ? kNotFromStart + kGap : 0;
}

int NameMatcher::prefix_score(std::string_view name) const {
  if (pattern_.empty() || !equal_folded(name, 0, lower_)) return 0;
  const std::size_t longer = name.size() - pattern_.size();
  const bool same_case = name.starts_with(pattern_);
  if (longer == 0) return same_case ? kExact : kExactFolded;
  return within(kPrefix - 500, longer * 4 + (same_case ? 0 : 2));
}

int NameMatcher::word_score(std::string_view name, std::uint64_t starts) const {
  const auto score_at = [&](std::size_t at) {
    const bool fits = at > 0 && equal_folded(name, at, lower_);
    return fits ? within(kWordStart - 500, (name.size() - pattern_.size()) * 4 + at) : 0;
  };
  if (name.size() <= kShort) {
    for (; starts != 0; starts &= starts - 1) {
      if (const int s = score_at(static_cast<std::size_t>(std::countr_zero(starts)))) return s;
    }
    return 0;
  }
  if (name.size() > kMaxNameBytes) return 0;
  const WordStarts all = word_starts(name);
  for (std::size_t i = 1; i + lower_.size() <= name.size(); ++i) {
    if (!all[i]) continue;
    if (const int s = score_at(i)) return s;
  }
  return 0;
}

int NameMatcher::loose_score(std::string_view name, std::uint64_t starts) const {
  if (name.size() <= kShort) return short_loose_score(name, starts);
  if (name.size() > kMaxNameBytes || !is_subsequence(name, lower_)) return 0;
  return loose_score_of(align(name, lower_, word_starts(name)), name.size() - pattern_.size(),
                        to_lower(name[0]) == lower_[0]);
}

// is_subsequence and align by bits: a word for each distinct byte of the pattern says where it is.
int NameMatcher::short_loose_score(std::string_view name, std::uint64_t starts) const {
  std::array<std::uint64_t, kShort + 1> places;  // the first: of all other bytes
  std::fill_n(places.begin(), distinct_ + 1, 0);
  for (std::size_t i = 0; i < name.size(); ++i) {
    places[slots_[static_cast<unsigned char>(name[i])]] |= std::uint64_t{1} << i;
  }
  const auto of = [&](char c) { return places[slots_[static_cast<unsigned char>(c)]]; };
  std::uint64_t next = 1;  // the place behind the last match, as a bit; 0: the end
  for (const char wanted : lower_) {
    const std::uint64_t there = of(wanted) & (0 - next);
    if (there == 0) return 0;
    next = (there & (0 - there)) << 1;
  }
  Alignment a;
  next = 1;
  for (std::size_t i = 0; i < lower_.size(); ++i) {
    const std::uint64_t there = of(lower_[i]);
    a.found = (there & (0 - next)) != 0;
    if (!a.found) break;
    if (i > 0 && (there & next) != 0) {  // continues the run
      next <<= 1;
      continue;
    }
    const std::uint64_t any = there & (0 - next), jump = any & starts;
    a.starts_only = a.starts_only && jump != 0;
    const int to = std::countr_zero(jump != 0 ? jump : any);
    a.gaps += to - std::countr_zero(next);
    next = std::uint64_t{1} << to << 1;
  }
  return loose_score_of(a, name.size() - pattern_.size(), (of(lower_[0]) & 1) != 0);
}

int NameMatcher::loose_bound(std::size_t size, bool head) const {
  const std::size_t longer = (size - pattern_.size()) * 4;
  return head ? within(kInitials - 500, longer)
              : within(kSubsequence - 500, longer + static_cast<std::size_t>(from_inside_));
}

int NameMatcher::score(std::string_view name) const {
  if (pattern_.empty() || name.size() < pattern_.size()) return 0;
  if (const int prefix = prefix_score(name)) return prefix;
  if (!can_fit(letters_of(name), name.size())) return 0;
  const std::uint64_t starts = first_word_starts(name);
  if (const int word = word_score(name, starts)) return word;
  return loose_score(name, starts);
}

}  // namespace engram
