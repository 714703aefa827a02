#include "tests/memory/sample_facts.h"

#include <array>
#include <random>

#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr auto kWords = std::to_array<const char*>(
    {"parse", "http", "header", "cache",  "page",  "token", "Buffer", "Stream", "index", "write",
     "read",  "Node", "tree",   "Symbol", "scope", "line",  "column", "hash",   "table", "entry"});

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { facts_.language = "sample"; }

  FileFacts run() {
    std::uint32_t begin = 0;
    while (begin < text_.size()) {
      const std::size_t newline = text_.find('\n', begin);
      const auto end = static_cast<std::uint32_t>(newline == std::string_view::npos ? text_.size()
                                                                                    : newline + 1);
      ++line_;
      take_line(begin, end);
      begin = end;
    }
    close_function(static_cast<std::uint32_t>(text_.size()));
    facts_.lines = line_;
    return std::move(facts_);
  }

 private:
  void take_line(std::uint32_t begin, std::uint32_t end) {
    const std::string_view line = text_.substr(begin, end - begin);
    const bool defines = line.starts_with("def ");
    if (defines) close_function(begin);
    const std::size_t comment = line.find('#');
    if (comment != std::string_view::npos) facts_.comments.emplace_back(line.substr(comment + 1));
    bool name_next = false;
    std::size_t at = 0;
    while (at < line.size() && line[at] != '#') {
      const std::size_t word_begin = at;
      while (at < line.size() && is_identifier_byte(static_cast<unsigned char>(line[at]))) ++at;
      if (at == word_begin) {
        ++at;
        continue;
      }
      const std::string word(line.substr(word_begin, at - word_begin));
      const auto b = begin + static_cast<std::uint32_t>(word_begin);
      const auto e = begin + static_cast<std::uint32_t>(at);
      if (defines && word_begin == 0) {
        name_next = true;
      } else if (name_next) {
        open_function(word, begin, b, e);
        name_next = false;
      } else {
        facts_.references.push_back({word, ReferenceKind::kUse, b, e, line_, b - begin + 1});
      }
    }
  }

  void open_function(const std::string& word, std::uint32_t begin, std::uint32_t name_begin,
                     std::uint32_t name_end) {
    Symbol s;
    const std::size_t dot = word.rfind("__");  // def Box__open: open in container Box
    s.name = dot == std::string::npos || dot == 0 ? word : word.substr(dot + 2);
    s.container = dot == std::string::npos || dot == 0 ? "" : word.substr(0, dot);
    s.kind = s.container.empty() ? SymbolKind::kFunction : SymbolKind::kMethod;
    s.begin = begin;
    s.name_begin = name_begin;
    s.name_end = name_end;
    s.line = line_;
    s.column = name_begin - begin + 1;
    s.signature = "def " + word;
    facts_.symbols.push_back(std::move(s));
    if (dot != std::string::npos && dot != 0) {
      facts_.references.push_back({word.substr(0, dot), ReferenceKind::kType, name_begin,
                                   name_begin + static_cast<std::uint32_t>(dot), line_,
                                   name_begin - begin + 1});
    }
    open_ = true;
  }

  void close_function(std::uint32_t end) {
    if (!open_) return;
    Symbol& s = facts_.symbols.back();
    s.end = end;
    s.end_line = line_ > s.line ? line_ - 1 : s.line;
    facts_.chunks.push_back({s.begin, s.end, s.line, s.end_line, s.container});
    open_ = false;
  }

  std::string_view text_;
  FileFacts facts_;
  std::uint32_t line_ = 0;
  bool open_ = false;
};

}  // namespace

FileFacts sample_facts(std::string_view text) { return Lexer(text).run(); }

std::string sample_code(std::uint64_t seed, std::size_t bytes) {
  std::mt19937_64 random(seed);
  const auto word = [&] { return std::string(kWords[random() % kWords.size()]); };
  std::string text;
  while (text.size() < bytes) {
    text += "def " + word() + "_" + word() + std::to_string(random() % 1000) + "(" + word() + ")\n";
    for (int i = 0; i < 6; ++i) {
      text += "  " + word() + " = " + word() + "." + word() + word() + "(" + word() + ")\n";
    }
    text += "  # " + word() + " of the " + word() + "\n";
  }
  return text;
}

}  // namespace engram
