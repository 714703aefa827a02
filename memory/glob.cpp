#include "memory/glob.h"

#include <algorithm>
#include <cstddef>

namespace engram {

namespace {

// At glob[at] == '[': does the class take `c`? Moves `at` past it; npos when it is unclosed.
bool class_takes(std::string_view glob, std::size_t& at, char c) {
  std::size_t i = at + 1;
  const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool taken = false, first = true;
  for (; i < glob.size() && (glob[i] != ']' || first); first = false) {
    const char low = glob[i];
    char high = low;
    if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
      high = glob[i + 2];
      i += 2;
    }
    taken |= low <= c && c <= high;
    ++i;
  }
  if (i >= glob.size()) {
    at = std::string_view::npos;
    return false;
  }
  at = i + 1;
  return taken != negated && c != '/';
}

// Matches one byte of text against the glob's next item, moving `g` past it.
bool take_one(std::string_view glob, std::size_t& g, char c) {
  const char item = glob[g];
  if (item == '?') {
    ++g;
    return c != '/';
  }
  if (item == '[') {
    std::size_t after = g;
    const bool taken = class_takes(glob, after, c);
    if (after != std::string_view::npos) {
      g = after;
      return taken;
    }
  }
  if (item == '\\' && g + 1 < glob.size()) ++g;
  return glob[g++] == c;
}

// Iterative with one point to go back to for '*' and one for "**": no exponential blow-up.
bool match_whole(std::string_view glob, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t g = 0, t = 0;
  std::size_t star_g = kNone, star_t = 0, deep_g = kNone, deep_t = 0;
  while (true) {
    if (glob.substr(g).starts_with("**")) {
      g += 2;
      if (g < glob.size() && glob[g] == '/') ++g;  // "**/" may be nothing
      deep_g = g;
      deep_t = t;
      star_g = kNone;
      continue;
    }
    if (g < glob.size() && glob[g] == '*') {
      star_g = ++g;
      star_t = t;
      continue;
    }
    if (g == glob.size() && t == text.size()) return true;
    std::size_t next_g = g;
    if (t < text.size() && g < glob.size() && take_one(glob, next_g, text[t])) {
      g = next_g;
      ++t;
    } else if (star_g != kNone && star_t < text.size() && text[star_t] != '/') {
      g = star_g;
      t = ++star_t;
    } else if (deep_g != kNone && deep_t < text.size()) {
      g = deep_g;
      t = ++deep_t;
      star_g = kNone;
    } else {
      return false;
    }
  }
}

}  // namespace

bool glob_match(std::string_view glob, std::string_view path) {
  if (glob.starts_with("./")) glob.remove_prefix(2);
  if (glob.find('/') == std::string_view::npos) {
    const std::size_t slash = path.rfind('/');
    return match_whole(glob, slash == std::string_view::npos ? path : path.substr(slash + 1));
  }
  if (glob.starts_with('/')) glob.remove_prefix(1);
  if (glob.ends_with('/')) glob.remove_suffix(1);
  for (std::size_t end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('/', end - 1)) {
    if (match_whole(glob, path.substr(0, end))) return true;
  }
  return false;
}

bool globs_accept(const std::vector<std::string>& globs, std::string_view path) {
  bool wanted = false, any_positive = false;
  for (const std::string_view glob : globs) {
    if (glob.starts_with('!')) {
      if (glob_match(glob.substr(1), path)) return false;
    } else {
      any_positive = true;
      wanted = wanted || glob_match(glob, path);
    }
  }
  return wanted || !any_positive;
}

}  // namespace engram
