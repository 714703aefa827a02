#include "bench/memory/lexical_facts.h"

#include <algorithm>
#include <array>
#include <string>

#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kChunkBytes = 1200;
constexpr auto kKeywords = std::to_array<std::string_view>(
    {"if",        "else",     "for",      "while",   "do",      "return", "const",     "int",
     "void",      "char",     "bool",     "auto",    "class",   "struct", "template",  "typename",
     "namespace", "using",    "public",   "private", "static",  "inline", "constexpr", "unsigned",
     "switch",    "case",     "break",    "define",  "include", "ifdef",  "endif",     "ifndef",
     "virtual",   "override", "operator", "sizeof",  "true",    "false",  "this"});

bool is_keyword(std::string_view word) {
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

}  // namespace

FileFacts lexical_facts(std::string_view text) {
  FileFacts f;
  f.language = "cpp";
  std::uint32_t line = 1, line_begin = 0, chunk_begin = 0, chunk_line = 1;
  std::size_t non_blank = 0;
  int depth = 0;
  const auto close_chunk = [&](std::uint32_t end) {
    if (end > chunk_begin) f.chunks.push_back({chunk_begin, end, chunk_line, line, "file"});
    chunk_begin = end;
    chunk_line = line + 1;
    non_blank = 0;
  };
  for (std::uint32_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\n') {
      ++at;
      if (non_blank >= kChunkBytes) close_chunk(at);
      ++line;
      line_begin = at;
      continue;
    }
    if (c != ' ' && c != '\t') ++non_blank;
    if (c == '/' && at + 1 < text.size() && text[at + 1] == '/') {
      const auto end = static_cast<std::uint32_t>(std::min(text.find('\n', at), text.size()));
      f.comments.emplace_back(text.substr(at + 2, end - at - 2));
      non_blank += end - at;
      at = end;
      continue;
    }
    if (!is_identifier_byte(static_cast<unsigned char>(c)) || (c >= '0' && c <= '9')) {
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      ++at;
      continue;
    }
    const std::uint32_t begin = at;
    while (at < text.size() && is_identifier_byte(static_cast<unsigned char>(text[at]))) ++at;
    non_blank += at - begin - 1;
    const std::string_view word = text.substr(begin, at - begin);
    if (is_keyword(word)) continue;
    if (at < text.size() && text[at] == '(' && depth <= 2) {
      const std::string_view head = text.substr(
          line_begin, std::min<std::size_t>(at - line_begin + 60, text.size() - line_begin));
      Symbol s;
      s.name = word;
      s.container = "ns::Type";
      s.kind = SymbolKind::kFunction;
      s.begin = line_begin;
      s.end = at;
      s.name_begin = begin;
      s.name_end = at;
      s.line = s.end_line = line;
      s.column = begin - line_begin + 1;
      s.signature = head.substr(0, head.find('\n'));
      if (!f.comments.empty()) s.doc = f.comments.back();
      f.symbols.push_back(std::move(s));
    } else {
      f.references.push_back(
          {std::string(word), ReferenceKind::kUse, begin, at, line, begin - line_begin + 1});
    }
  }
  close_chunk(static_cast<std::uint32_t>(text.size()));
  f.lines = line;
  return f;
}

}  // namespace engram
