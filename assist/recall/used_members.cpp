#include "assist/recall/used_members.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "memory/sub_words.h"

namespace engram {
namespace {

constexpr std::size_t kLeastName = 3;

// Lines in which names of other places, or none of code, stand.
bool is_apart(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  constexpr std::array<std::string_view, 9> kBeginnings = {
      "#", "*", "import ", "from ", "use ", "using ", "package ", "pub use ", "namespace "};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view b) { return line.starts_with(b); });
}

// Whether a byte of the line stands in a comment or between quotes.
class Quotes {
 public:
  // Looks at the bytes up to `end`, in order of the calls.
  bool holds(std::string_view line, std::size_t end) {
    for (; at_ < end; ++at_) step(line);
    return quote_ != 0 || comment_;
  }

 private:
  void step(std::string_view line) {
    const char c = line[at_];
    if (comment_) return;
    if (quote_ != 0) {
      if (c == '\\') ++at_;
      if (c == quote_) quote_ = 0;
      return;
    }
    const char next = at_ + 1 < line.size() ? line[at_ + 1] : '\0';
    // A quote behind a letter is a lifetime's, a digit's separator or an apostrophe.
    const bool apostrophe =
        c == '\'' && at_ > 0 &&
        (is_identifier_byte(line[at_ - 1]) || line[at_ - 1] == '<' || line[at_ - 1] == '&');
    if ((c == '"' || c == '\'' || c == '`') && !apostrophe) quote_ = c;
    if ((c == '/' && (next == '/' || next == '*')) || (c == '#' && next == ' ')) comment_ = true;
  }
  std::size_t at_ = 0;
  char quote_ = 0;
  bool comment_ = false;
};

bool follows_access(std::string_view before) {
  if (before.ends_with("->") || before.ends_with("::")) return true;
  if (!before.ends_with('.') || before.ends_with("..")) return false;
  before.remove_suffix(1);
  if (before.ends_with('?') || before.ends_with('!')) before.remove_suffix(1);
  if (before.empty() || before.back() == ' ' || before.back() == '\t') {  // a chain's next line
    return before.find_first_not_of(" \t") == std::string_view::npos;
  }
  if (before.back() == ')' || before.back() == ']' || before.back() == '>') return true;
  const std::string_view word = identifier_before(before);
  return !word.empty() && !is_digit(word.front());
}

}  // namespace

std::vector<std::string_view> used_members(std::string_view text, std::size_t from) {
  std::vector<std::string_view> out;
  const std::size_t before = text.substr(0, from).rfind('\n');
  std::size_t line = before == std::string_view::npos ? 0 : before + 1;
  while (line < text.size()) {
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::string_view all = text.substr(line, end - line);
    Quotes quotes;
    for (std::size_t at = is_apart(all) ? all.size() : 0; at < all.size();) {
      const std::size_t begin = at++;
      if (!is_identifier_byte(all[begin])) continue;
      while (at < all.size() && is_identifier_byte(all[at])) ++at;
      if (line + at <= from || at - begin < kLeastName || is_digit(all[begin])) continue;
      if (quotes.holds(all, begin) || !follows_access(all.substr(0, begin))) continue;
      out.push_back(all.substr(begin, at - begin));
    }
    line = end + 1;
  }
  return out;
}

}  // namespace engram
