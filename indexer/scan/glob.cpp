#include "indexer/scan/glob.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace engram {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

char fold(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool equal(std::string_view a, std::string_view b, bool ignore_case) {
  if (!ignore_case) return a == b;
  return std::ranges::equal(a, b, {}, fold, fold);
}

bool in_named_class(std::string_view name, unsigned char c) {
  if (name == "alnum") return std::isalnum(c) != 0;
  if (name == "alpha") return std::isalpha(c) != 0;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return std::iscntrl(c) != 0;
  if (name == "digit") return std::isdigit(c) != 0;
  if (name == "graph") return std::isgraph(c) != 0;
  if (name == "lower") return std::islower(c) != 0;
  if (name == "print") return std::isprint(c) != 0;
  if (name == "punct") return std::ispunct(c) != 0;
  if (name == "space") return std::isspace(c) != 0;
  if (name == "upper") return std::isupper(c) != 0;
  if (name == "xdigit") return std::isxdigit(c) != 0;
  return false;
}

struct BracketMatch {
  bool valid = false;
  bool matched = false;
  std::size_t next = 0;  // index after ']'
};

// pattern[at] is '['. `low` is the character, `other` its other case (or itself).
BracketMatch match_bracket(std::string_view pattern, std::size_t at, unsigned char low,
                           unsigned char other) {
  std::size_t i = at + 1;
  bool negated = false;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) {
    negated = true;
    ++i;
  }
  bool matched = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) return {true, matched != negated, i + 1};
    if (pattern[i] == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
      const std::size_t end = pattern.find(":]", i + 2);
      if (end != kNone) {
        const std::string_view name = pattern.substr(i + 2, end - i - 2);
        matched = matched || in_named_class(name, low) || in_named_class(name, other);
        i = end + 2;
        continue;
      }
    }
    if (pattern[i] == '\\' && ++i == pattern.size()) return {};
    const auto from = static_cast<unsigned char>(pattern[i++]);
    unsigned char to = from;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      if (pattern[i] == '\\' && ++i == pattern.size()) return {};
      to = static_cast<unsigned char>(pattern[i++]);
    }
    matched = matched || (from <= low && low <= to) || (from <= other && other <= to);
  }
  return {};
}

unsigned char other_case(unsigned char c) {
  if (std::isupper(c) != 0) return static_cast<unsigned char>(std::tolower(c));
  return static_cast<unsigned char>(std::toupper(c));
}

// Matches one non-asterisk element of the pattern; returns the index after it, or kNone.
std::size_t match_one(std::string_view pattern, std::size_t p, char c, bool ignore_case) {
  if (pattern[p] == '?') return p + 1;
  if (pattern[p] == '[') {
    const auto low = static_cast<unsigned char>(c);
    const BracketMatch m = match_bracket(pattern, p, low, ignore_case ? other_case(low) : low);
    return m.valid && m.matched ? m.next : kNone;
  }
  if (pattern[p] == '\\' && ++p == pattern.size()) return kNone;
  const bool same = ignore_case ? fold(pattern[p]) == fold(c) : pattern[p] == c;
  return same ? p + 1 : kNone;
}

// A name without '/' against a component: greedy, retrying only the last '*'.
bool wild_match(std::string_view pattern, std::string_view name, bool ignore_case) {
  std::size_t p = 0, n = 0, star = kNone, retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      retry = n;
      continue;
    }
    const std::size_t next =
        p < pattern.size() ? match_one(pattern, p, name[n], ignore_case) : kNone;
    if (next != kNone) {
      p = next;
      ++n;
    } else if (star != kNone) {
      p = star;
      n = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t slash = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, slash - begin));
    if (slash == path.size()) return parts;
    begin = slash + 1;
  }
}

}  // namespace

Glob::Glob(std::string_view pattern, bool ignore_case) : ignore_case_(ignore_case) {
  constexpr std::string_view kSpecial = "*?[\\";
  for (const std::string_view part : split_path(pattern)) {
    using Kind = Component::Kind;
    if (part.size() >= 2 && part.find_first_not_of('*') == kNone) {
      // "a/**/**/b" is "a/**/b"; keeping one keeps matching linear.
      if (components_.empty() || components_.back().kind != Kind::kAnyDepth) {
        components_.push_back({Kind::kAnyDepth, {}});
      }
    } else if (part.find_first_of(kSpecial) == kNone) {
      components_.push_back({Kind::kLiteral, std::string(part)});
    } else if (part[0] == '*' && part.find_first_of(kSpecial, 1) == kNone) {
      components_.push_back({Kind::kSuffix, std::string(part.substr(1))});
    } else {
      components_.push_back({Kind::kPattern, std::string(part)});
    }
  }
}

bool Glob::component_matches(const Component& component, std::string_view name) const {
  using Kind = Component::Kind;
  switch (component.kind) {
    case Kind::kLiteral:
      return equal(component.text, name, ignore_case_);
    case Kind::kSuffix:
      return name.size() >= component.text.size() &&
             equal(component.text, name.substr(name.size() - component.text.size()), ignore_case_);
    case Kind::kPattern:
      return wild_match(component.text, name, ignore_case_);
    case Kind::kAnyDepth:
      return true;
  }
  return false;
}

bool Glob::matches(std::string_view path) const {
  if (components_.size() == 1) {  // by far the most common: "*.o", "build"
    return path.find('/') == kNone ? component_matches(components_[0], path)
                                   : components_[0].kind == Component::Kind::kAnyDepth;
  }
  const std::vector<std::string_view> names = split_path(path);
  std::size_t c = 0, n = 0, star = kNone, retry = 0;
  while (n < names.size()) {
    if (c < components_.size() && components_[c].kind == Component::Kind::kAnyDepth) {
      if (c + 1 == components_.size()) return true;  // "a/**": at least one name is left
      star = ++c;
      retry = n;
    } else if (c < components_.size() && component_matches(components_[c], names[n])) {
      ++c;
      ++n;
    } else if (star != kNone) {
      c = star;
      n = ++retry;
    } else {
      return false;
    }
  }
  return c == components_.size();
}

}  // namespace engram
