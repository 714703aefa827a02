#include "assist/navigation/macro_words.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kLongestDefinition = 256U << 10U;  // bytes looked at

// Where the logical line (physical ones joined by backslashes) around `offset` begins.
std::size_t logical_line_begin(std::string_view text, std::size_t offset) {
  std::size_t begin = offset;
  while (offset - begin < kLongestDefinition) {
    begin = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;  // npos + 1 is 0
    if (begin == 0) return 0;
    std::size_t last = begin - 1;  // the '\n' before
    if (last > 0 && text[last - 1] == '\r') --last;
    if (last == 0 || text[last - 1] != '\\') return begin;
    begin = last - 1;
  }
  return begin;
}

struct Word {
  std::size_t begin, end;
};

// The identifier at `offset`, or ending there.
std::optional<Word> word_at(std::string_view text, std::size_t offset) {
  if (offset > text.size()) return {};
  Word word{offset, offset};
  while (word.begin > 0 && is_identifier_byte(text[word.begin - 1])) --word.begin;
  while (word.end < text.size() && is_identifier_byte(text[word.end])) ++word.end;
  if (word.begin == word.end) return {};
  if (std::isdigit(static_cast<unsigned char>(text[word.begin])) != 0) return {};
  return word;
}

class CodeReader {
 public:
  CodeReader(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  // To just behind the macro's name; false: this is no #define.
  bool read_name() {
    skip_blanks();
    if (!take('#')) return false;
    skip_blanks();
    if (!text_.substr(at_).starts_with("define")) return false;
    at_ += 6;
    const std::size_t blanks = at_;
    skip_blanks();
    if (at_ == blanks) return false;
    const std::size_t name = at_;
    skip_word();
    return at_ > name;
  }

  // Whether `target`, at or behind here, is code and not in a comment or a literal.
  bool reaches(std::size_t target) {
    while (at_ < target) {
      const char c = text_[at_++];
      if (c == '/' && at_ < text_.size() && text_[at_] == '/') {
        skip_line();
      } else if (c == '/' && at_ < text_.size() && text_[at_] == '*') {
        const std::size_t end = text_.find("*/", at_ + 1);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (c == '"' || (c == '\'' && !is_digit(at_ - 2))) {  // 1'000 is a number
        // A line ends it: `#error don't`
        while (at_ < text_.size() && text_[at_] != c && text_[at_] != '\n') {
          at_ += text_[at_] == '\\' ? 2 : 1;
        }
        ++at_;
      }
    }
    return at_ == target;
  }

  // Where `word` stands among the parameters, which begin here if there are any.
  std::optional<std::uint32_t> parameter(std::string_view word) const {
    if (at_ >= text_.size() || text_[at_] != '(') return {};
    const std::size_t end = std::min(text_.find(')', at_), text_.size());
    for (std::size_t i = at_ + 1; i < end; ++i) {
      if (is_identifier_byte(text_[i - 1]) || text_.substr(i, word.size()) != word) continue;
      if (i + word.size() <= end && !is_identifier_byte(text_[i + word.size()])) {
        return static_cast<std::uint32_t>(i);
      }
    }
    return {};
  }

 private:
  bool is_digit(std::size_t at) const {
    return at < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at])) != 0;
  }
  bool take(char c) {
    const bool is = at_ < text_.size() && text_[at_] == c;
    if (is) ++at_;
    return is;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  void skip_line() {  // a backslash continues it
    while (at_ < text_.size() && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2 : 1;
  }
  void skip_word() {
    while (at_ < text_.size() && is_identifier_byte(text_[at_])) ++at_;
  }

  std::string_view text_;
  std::size_t at_;
};

}  // namespace

std::optional<std::string_view> code_word_at(std::string_view text, std::size_t offset) {
  const auto word = word_at(text, offset);
  if (!word || !CodeReader(text, 0).reaches(word->begin)) return {};
  return text.substr(word->begin, word->end - word->begin);
}

std::optional<MacroWord> macro_word_at(std::string_view text, std::size_t offset) {
  const auto word = word_at(text, offset);
  if (!word) return {};
  const auto [begin, end] = *word;
  const std::size_t line_begin = logical_line_begin(text, begin);
  CodeReader line(text, line_begin);
  if (!line.read_name()) return {};
  const CodeReader behind_name = line;
  if (!line.reaches(begin)) return {};
  MacroWord out;
  out.name.name = std::string(text.substr(begin, end - begin));
  out.name.begin = static_cast<std::uint32_t>(begin);
  out.name.end = static_cast<std::uint32_t>(end);
  const std::string_view ahead = text.substr(0, begin);
  out.name.qualified = ahead.ends_with('.') || ahead.ends_with("->") || ahead.ends_with("::");
  out.parameter = behind_name.parameter(out.name.name);
  return out;
}

}  // namespace engram
