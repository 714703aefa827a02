#include "indexer/commands/module_names.h"

#include <algorithm>
#include <optional>

#include "memory/sub_words.h"

namespace engram {

namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

// Goes over a text; comments are white space.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }

  // To where the next line begins, past its white space and comments; false: there is none.
  bool next_line() {
    while (!at_end() && text_[at_] != '\n') skip_piece();
    skip_white();
    return !at_end();
  }
  void skip_white() {
    while (!at_end() && (is_white(text_[at_]) || at_comment())) {
      at_comment() ? skip_comment() : void(++at_);
    }
  }
  // A word; empty when none stands here.
  std::string_view word() {
    skip_white();
    const std::size_t begin = at_;
    while (!at_end() && is_identifier_byte(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  bool take(char c) {
    skip_white();
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // "a.b", or nothing.
  std::string dotted() {
    std::string name(word());
    while (!name.empty() && take('.')) name += '.' + std::string(word());
    return name;
  }
  // Attributes may stand before the end of a declaration.
  bool ends() {
    if (take('[')) {
      const std::size_t end = text_.find(';', at_);
      if (end == std::string_view::npos) return false;
      at_ = end;
    }
    return take(';');
  }

 private:
  bool at_comment() const {
    return text_.substr(at_).starts_with("//") || text_.substr(at_).starts_with("/*");
  }
  void skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }
  void skip_comment() {
    if (text_[at_ + 1] == '*') {
      at_ += 2;
      return skip_past("*/");
    }
    at_ = std::min(text_.find('\n', at_), text_.size());  // the line's end is still to come
  }
  // R"x(...)x"; at its quote.
  bool skip_raw() {
    if (at_ == 0 || text_[at_ - 1] != 'R') return false;
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos || open - at_ > 17) return false;
    skip_past(')' + std::string(text_.substr(at_ + 1, open - at_ - 1)) + '"');
    return true;
  }
  // A literal ends with its line at the latest. One quote between digits is none.
  void skip_literal() {
    const char quote = text_[at_];
    if (quote == '"' && skip_raw()) return;
    if (quote == '\'' && at_ > 0 && is_identifier_byte(text_[at_ - 1])) return void(++at_);
    for (++at_; !at_end() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    at_ = std::min(at_, text_.size());
    if (!at_end() && text_[at_] == quote) ++at_;
  }
  void skip_piece() {
    if (at_comment()) return skip_comment();
    if (text_[at_] == '"' || text_[at_] == '\'') return skip_literal();
    at_ = std::min(at_ + (text_[at_] == '\\' ? 2 : 1), text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Behind "module": "shapes:details"; nothing for "module;", "module :private;" and what is none.
std::optional<std::string> declared(Reader& line) {
  std::string name = line.dotted();
  if (name.empty()) return std::nullopt;
  if (line.take(':')) name += ':' + line.dotted();
  return line.ends() ? std::optional(std::move(name)) : std::nullopt;
}

// Behind "import": a module, or ":part" of the own one; nothing for a header.
std::optional<std::string> imported(Reader& line) {
  std::string name = line.take(':') ? ':' + line.dotted() : line.dotted();
  if (name.empty() || name == ":" || !line.ends()) return std::nullopt;
  return name;
}

}  // namespace

ModuleNames module_names(std::string_view text) {
  ModuleNames names;
  if (text.find("import") == text.npos && text.find("module") == text.npos) return names;
  Reader reader(text);
  reader.skip_white();
  for (bool more = !reader.at_end(); more; more = reader.next_line()) {
    Reader line = reader;  // what is no such line may hold anything
    std::string_view word = line.word();
    const bool exported = word == "export";
    if (exported) word = line.word();
    if (word == "module") {
      const auto name = declared(line);
      if (!name) continue;
      names.module = *name;
      names.importable = exported || name->find(':') != name->npos;
    } else if (word == "import") {
      if (auto name = imported(line)) names.imports.push_back(*std::move(name));
    }
  }
  const std::string own = names.module.substr(0, names.module.find(':'));
  for (std::string& name : names.imports) {
    if (name.starts_with(':')) name = own + name;
  }
  if (!own.empty() && !names.importable) names.imports.push_back(own);
  std::sort(names.imports.begin(), names.imports.end());
  names.imports.erase(std::unique(names.imports.begin(), names.imports.end()), names.imports.end());
  return names;
}

}  // namespace engram
