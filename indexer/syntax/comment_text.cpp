#include "indexer/syntax/comment_text.h"

#include <algorithm>

#include "core/text.h"

namespace engram {

namespace {

void cut(std::string& text, std::size_t max_bytes) {
  if (text.size() > max_bytes) text.resize(utf8_floor(text, max_bytes));
}

// Marks that open a line of a comment, longest first.
constexpr std::string_view kOpeners[] = {
    "/**<",   "/*!<", "///<", "//!<", "/***", "/**",    "/*!", "///", "//!", "--[[", "<!--",
    "=begin", "/*",   "//",   "---",  "--",   "\"\"\"", "'''", "##",  "#!",  "#",    ";;"};

std::string_view strip_line(std::string_view line, bool first) {
  line = trim_blank(line);
  if (first) {
    // A docstring's prefix: r""" u''' ...
    if (line.size() > 3 && (line[0] == 'r' || line[0] == 'R' || line[0] == 'u') &&
        (line[1] == '"' || line[1] == '\'')) {
      line.remove_prefix(1);
    }
  }
  bool opened = false;
  for (const std::string_view opener : kOpeners) {
    if (line.starts_with(opener) &&
        (first || opener[0] == '/' || opener[0] == '#' || opener[0] == '-' || opener[0] == ';')) {
      line.remove_prefix(opener.size());
      opened = true;
      break;
    }
  }
  if (!opened && line.starts_with('*')) line.remove_prefix(line.starts_with("*/") ? 0 : 1);
  for (const std::string_view closer : {"*/", "-->", "\"\"\"", "'''", "]]", "=end"}) {
    if (line.ends_with(closer)) {
      line.remove_suffix(closer.size());
      break;
    }
  }
  if (first && line.size() >= 2 && (line[0] == '"' || line[0] == '\'') && line.back() == line[0]) {
    line = line.substr(1, line.size() - 2);
  }
  while (line.size() > 1 && line.ends_with('*')) line.remove_suffix(1);
  return trim_blank(line);
}

}  // namespace

std::string_view trim_blank(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string comment_text(std::string_view raw, std::size_t max_bytes) {
  std::string out;
  bool first = true;
  while (!raw.empty() && out.size() < max_bytes) {
    const std::size_t end = std::min(raw.find('\n'), raw.size());
    const std::string_view line = strip_line(raw.substr(0, end), first);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    first = false;
    if (line.empty() && out.empty()) continue;
    if (!out.empty()) out += '\n';
    out += line;
  }
  while (!out.empty() && is_blank(out.back())) out.pop_back();
  cut(out, max_bytes);
  return out;
}

bool documents_backwards(std::string_view raw) {
  return raw.starts_with("///<") || raw.starts_with("//!<") || raw.starts_with("/**<") ||
         raw.starts_with("/*!<");
}

std::string fold_white_space(std::string_view raw, std::size_t max_bytes) {
  std::string out;
  out.reserve(std::min(raw.size(), max_bytes));
  bool blank = false;
  for (const char c : raw) {
    if (is_blank(c)) {
      blank = !out.empty();
      continue;
    }
    if (out.size() + 2 > max_bytes) break;
    if (blank) out += ' ';
    blank = false;
    out += c;
  }
  // The loop may have stopped inside a character.
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80 &&
         utf8_floor(out, out.size()) != out.size()) {
    out.pop_back();
  }
  cut(out, out.size());
  return out;
}

}  // namespace engram
