#include "indexer/syntax/scanner_guard.h"

#include <algorithm>

namespace engram {

namespace {

// A block opens only by a mark at the start of a line, so a line's marks bound the open blocks:
// 2000 of 4 bytes fit in the runtime's buffer (tree_sitter_runtime.c).
constexpr std::size_t kMaxBlockMarks = 2000;

bool opens_too_many_blocks(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t marks =
        std::min(line.find_first_not_of(" \t>-*+0123456789.)\r"), line.size());
    if (marks > kMaxBlockMarks) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

constexpr std::size_t kMaxHeredocWord = 200;  // its length is saved in one byte

bool has_long_heredoc_word(std::string_view text) {
  for (std::size_t at = text.find("<<"); at != std::string_view::npos;
       at = text.find("<<", at + 2)) {
    std::string_view word = text.substr(at + 2);
    word.remove_prefix(std::min(word.find_first_not_of("~-"), word.size()));
    const char quote = word.empty() ? '\0' : word.front();
    const bool quoted = quote == '"' || quote == '\'' || quote == '`';
    if (quoted) word.remove_prefix(1);
    const std::size_t end =
        quoted ? word.find(quote) : word.find_first_of(" \t\r\n.,;:()[]{}<>\"'`+*/=!?&|^%$#@\\~-");
    if (std::min(end, word.size()) > kMaxHeredocWord) return true;
  }
  return false;
}

}  // namespace

bool breaks_scanner(std::string_view language, std::string_view text) {
  if (language == "markdown") return opens_too_many_blocks(text);
  if (language == "ruby") return has_long_heredoc_word(text);
  return false;
}

}  // namespace engram
