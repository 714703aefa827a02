#include "indexer/commands/shell_words.h"

namespace engram {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

// Whether a backslash before `next` escapes it, given the quote it stands in (0: none).
bool escapes(char quote, char next, QuoteRules rules) {
  if (quote == '\'') return rules == QuoteRules::kResponseFile;
  if (quote == 0 || rules == QuoteRules::kResponseFile) return true;
  return next == '$' || next == '`' || next == '"' || next == '\\' || next == '\n';
}

}  // namespace

std::vector<std::string> split_words(std::string_view text, QuoteRules rules) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && escapes(quote, text[i + 1], rules)) {
      ++i;
      if (text[i] == '\n' && rules == QuoteRules::kShell) continue;  // a continued line
      word += text[i];
      in_word = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (is_blank(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace engram
