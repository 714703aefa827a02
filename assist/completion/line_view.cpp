#include "assist/completion/line_view.h"

#include <algorithm>

#include "memory/sub_words.h"

namespace engram {

namespace {
constexpr std::string_view kBlanks = " \t\r\n\f\v";
}

std::string_view trimmed_right(std::string_view s) {
  const auto last = s.find_last_not_of(kBlanks);
  return last == std::string_view::npos ? s.substr(0, 0) : s.substr(0, last + 1);
}

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? s.substr(0, 0) : trimmed_right(s.substr(first));
}

bool is_blank(std::string_view s) { return s.find_first_not_of(kBlanks) == std::string_view::npos; }

std::size_t indentation(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) {
    if (c != ' ' && c != '\t') break;
    columns += c == '\t' ? 4 : 1;
  }
  return columns;
}

std::size_t line_begin(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const auto newline = text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

std::size_t line_end(std::string_view text, std::size_t offset) {
  return std::min(text.find('\n', offset), text.size());
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0;;) {
    const std::size_t end = line_end(text, at);
    lines.push_back(text.substr(at, end - at));
    if (end == text.size()) return lines;
    at = end + 1;
  }
}

CursorView CursorView::at(std::string_view text, std::size_t offset) {
  const std::size_t begin = line_begin(text, offset), end = line_end(text, offset);
  return {text,
          offset,
          text.substr(begin, offset - begin),
          text.substr(offset, end - offset),
          text.substr(std::min(end + 1, text.size())),
          text.substr(0, begin)};
}

std::string_view next_code_line(std::string_view below) {
  while (!below.empty()) {
    const std::size_t end = line_end(below, 0);
    const std::string_view line = below.substr(0, end);
    if (!is_blank(line)) return trimmed_right(line);
    below.remove_prefix(std::min(end + 1, below.size()));
  }
  return {};
}

std::string_view previous_code_line(std::string_view above) {
  while (!above.empty()) {
    const std::string_view whole =
        above.ends_with('\n') ? above.substr(0, above.size() - 1) : above;
    const std::size_t begin = line_begin(whole, whole.size());
    const std::string_view line = whole.substr(begin);
    if (!is_blank(line)) return trimmed_right(line);
    above = above.substr(0, begin);
  }
  return {};
}

char closer_of(char opener) {
  switch (opener) {
    case '(':
      return ')';
    case '[':
      return ']';
    case '{':
      return '}';
    default:
      return '\0';
  }
}

UnmatchedBrackets unmatched_brackets(std::string_view code) {
  UnmatchedBrackets found;
  char quote = '\0';
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote || c == '\n') quote = '\0';
      continue;
    }
    if (c == '"' || c == '`') quote = c;
    // 'a' is a quotation; the apostrophe of 1'000 or of a lifetime is not.
    if (c == '\'' && code.find('\'', i + 1) < line_end(code, i)) quote = c;
    if (closer_of(c) != '\0') found.openers += c;
    if (c != ')' && c != ']' && c != '}') continue;
    if (!found.openers.empty() && closer_of(found.openers.back()) == c) {
      found.openers.pop_back();
    } else {
      found.closers += c;
      found.closer_offsets.push_back(i);
    }
  }
  return found;
}

std::vector<std::string_view> identifiers_in(std::string_view text, std::size_t min_bytes) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_identifier_byte(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_identifier_byte(text[end])) ++end;
    const std::string_view word = text.substr(i, end - i);
    const bool number = word[0] >= '0' && word[0] <= '9';
    if (!number && word.size() >= min_bytes &&
        std::find(all.begin(), all.end(), word) == all.end()) {
      all.push_back(word);
    }
    i = end;
  }
  return all;
}

}  // namespace engram
