#include "indexer/semantic/comment_shift.h"

#include <algorithm>
#include <string>

namespace engram {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<SourceToken> run() {
    while (skip_gap()) {
      SourceToken token{at_, at_, new_line_, !gap_ && !new_line_};
      if (new_line_) words_ = 0;
      take_token();
      token.end = at_;
      tokens_.push_back(token);
      note_directive(text_.substr(token.begin, token.end - token.begin));
      new_line_ = gap_ = false;
    }
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }

  // The bytes of a backslash with the end of its line, or 0.
  std::uint32_t splice() const {
    if (peek() != '\\') return 0;
    if (peek(1) == '\n') return 2;
    return peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
  }

  // To the next token; false at the end.
  bool skip_gap() {
    while (!at_end()) {
      std::uint32_t length = splice();
      if (length == 0 && (is_space(peek()) || peek() == '\n')) {
        new_line_ |= peek() == '\n';
        length = 1;
      }
      if (length > 0) {
        at_ += length;
      } else if (rest().starts_with("//")) {
        take_line();
      } else if (rest().starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = static_cast<std::uint32_t>(end == std::string_view::npos ? text_.size() : end + 2);
      } else {
        return true;
      }
      gap_ = true;
    }
    return false;
  }

  // Up to the end of the line, or of the last one joined to it.
  void take_line() {
    while (!at_end() && peek() != '\n') at_ += std::max<std::uint32_t>(splice(), 1);
  }

  void take_token() {
    if (in_include_ && peek() == '<') {
      take_until('>');
    } else if (peek() == '"' || peek() == '\'') {
      const char quote = peek();
      if (quote == '"' && after_raw_prefix()) {
        take_raw_string();
      } else {
        take_until(quote);
      }
    } else if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) {
      take_number();
    } else if (is_name(peek())) {
      while (is_name(peek())) ++at_;
    } else {
      ++at_;
    }
  }

  // A literal, to its end or to that of its line.
  void take_until(char quote) {
    ++at_;
    while (!at_end() && peek() != '\n' && peek() != quote) {
      const std::uint32_t joined = splice();
      at_ += joined > 0 ? joined : peek() == '\\' && peek(1) != '\n' ? 2 : 1;
    }
    at_ = std::min(at_, static_cast<std::uint32_t>(text_.size()));
    if (peek() == quote) ++at_;
  }

  void take_number() {
    while (true) {
      const char c = peek();
      if ((c == '+' || c == '-') &&
          std::string_view("eEpP").find(text_[at_ - 1]) != std::string_view::npos) {
        ++at_;
      } else if (is_name(c) || c == '.' || (c == '\'' && is_name(peek(1)))) {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool after_raw_prefix() const {
    if (tokens_.empty() || gap_ || new_line_) return false;
    const SourceToken& last = tokens_.back();
    const std::string_view prefix = text_.substr(last.begin, last.end - last.begin);
    return prefix == "R" || prefix == "LR" || prefix == "uR" || prefix == "UR" || prefix == "u8R";
  }

  void take_raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos || open - at_ > 17) return take_until('"');
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const std::size_t end = text_.find(close, open);
    at_ = static_cast<std::uint32_t>(end == std::string_view::npos ? text_.size()
                                                                   : end + close.size());
  }

  // "#" "include" and then a name that may hold what looks like a comment.
  void note_directive(std::string_view token) {
    ++words_;
    in_include_ = words_ == 2 && after_hash_ && token.starts_with("include");
    after_hash_ = words_ == 1 && token == "#";
  }

  std::string_view text_;
  std::uint32_t at_ = 0;
  std::vector<SourceToken> tokens_;
  bool new_line_ = true, gap_ = false;
  std::uint32_t words_ = 0;  // on this line
  bool after_hash_ = false, in_include_ = false;
};

// Whether a line may end elsewhere for the compiler than for Lexer: at a return alone, or not at
// all for a backslash with blanks behind it or a trigraph for one.
bool joins_otherwise(std::string_view text) {
  if (text.find("?\?/") != text.npos) return true;
  for (std::size_t at = 0; (at = text.find_first_of("\r\\", at)) != text.npos; ++at) {
    const bool slash = text[at] == '\\';
    const std::size_t behind = slash ? text.find_first_not_of(" \t\v\f", at + 1) : at;
    if (behind == text.npos) return false;
    const std::string_view rest = text.substr(behind);
    const bool newline = rest.starts_with('\n') || rest.starts_with("\r\n");
    if (slash ? newline && behind > at + 1 : !newline) return true;
  }
  return false;
}

}  // namespace

std::vector<SourceToken> source_tokens(std::string_view text) { return Lexer(text).run(); }

std::optional<CommentShift> CommentShift::between(std::string_view from, std::string_view to) {
  if (from.size() > UINT32_MAX || to.size() > UINT32_MAX) return std::nullopt;
  if (joins_otherwise(from) || joins_otherwise(to)) return std::nullopt;
  CommentShift shift;
  shift.from_ = source_tokens(from);
  shift.to_ = source_tokens(to);
  shift.to_size_ = static_cast<std::uint32_t>(to.size());
  const auto alike = [&](const SourceToken& a, const SourceToken& b) {
    return a.starts_line == b.starts_line && a.touches == b.touches &&
           from.substr(a.begin, a.end - a.begin) == to.substr(b.begin, b.end - b.begin);
  };
  if (!std::equal(shift.from_.begin(), shift.from_.end(), shift.to_.begin(), shift.to_.end(),
                  alike)) {
    return std::nullopt;
  }
  return shift;
}

std::uint32_t CommentShift::map(std::uint32_t offset) const {
  const auto behind = std::upper_bound(
      from_.begin(), from_.end(), offset,
      [](std::uint32_t place, const SourceToken& token) { return place < token.begin; });
  const auto number = static_cast<std::size_t>(behind - from_.begin());
  const std::uint32_t limit = number < to_.size() ? to_[number].begin : to_size_;
  if (number == 0) return std::min(offset, limit);
  const SourceToken& old = from_[number - 1];
  const SourceToken& now = to_[number - 1];
  if (offset <= old.end) return now.begin + (offset - old.begin);
  return std::min(now.end + (offset - old.end), limit);
}

}  // namespace engram
