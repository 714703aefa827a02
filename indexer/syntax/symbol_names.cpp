#include "indexer/syntax/symbol_names.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"
#include "indexer/syntax/comment_text.h"

namespace engram {

namespace {

// Marks that are the syntax's and not the name's: 'quoted', :symbol, alias=, heading ##, [label].
std::string_view without_marks(std::string_view raw, SymbolKind kind) {
  raw = trim_blank(raw);
  if (raw.size() >= 2 && (raw.front() == '"' || raw.front() == '\'') && raw.back() == raw.front()) {
    return raw.substr(1, raw.size() - 2);
  }
  if (raw.size() < 2) return raw;
  if (kind == SymbolKind::kProperty || kind == SymbolKind::kMethod) {
    if (raw.front() == ':') raw.remove_prefix(1);
  } else if (kind == SymbolKind::kMacro && raw.back() == '=') {
    raw.remove_suffix(1);
  } else if (kind == SymbolKind::kLabel && raw.front() == '[' && raw.back() == ']') {
    raw = raw.substr(1, raw.size() - 2);
  } else if (kind == SymbolKind::kHeading && raw.back() == '#') {
    std::string_view cut = raw;
    while (cut.ends_with('#')) cut.remove_suffix(1);
    if (cut.ends_with(' ')) raw = trim_blank(cut);
  }
  return raw;
}

// <h1>A <b>title</b></h1> -> A title
std::string without_tags(std::string_view raw) {
  std::string out;
  bool inside = false;
  for (const char c : raw) {
    if (c == '<') {
      inside = true;
    } else if (c == '>') {
      inside = false;
    } else if (!inside) {
      out += c;
    }
  }
  return fold_white_space(out, kMaxName);
}

// "operator ==" and "operator==" are one name; "operator bool" keeps its blank.
std::string folded_name(std::string_view raw) {
  if (std::none_of(raw.begin(), raw.end(), is_blank)) {
    return std::string(raw.substr(0, utf8_floor(raw, kMaxName)));
  }
  std::string name = fold_white_space(raw, kMaxName);
  if (name.starts_with("operator ") && name.size() > 9) {
    const auto c = static_cast<unsigned char>(name[9]);
    if (std::isalnum(c) == 0 && c != '_') std::erase(name, ' ');
  }
  return name;
}

}  // namespace

std::string symbol_name(std::string_view raw, SymbolKind kind, std::string_view language) {
  if (language == "html" && kind == SymbolKind::kHeading) return without_tags(raw);
  return folded_name(without_marks(raw, kind));
}

std::string reference_name(std::string_view raw, ReferenceKind kind) {
  if (kind != ReferenceKind::kImport) return folded_name(raw);
  raw = trim_blank(raw);
  if (raw.size() >= 2) {
    const char first = raw.front(), last = raw.back();
    if ((first == '<' && last == '>') || ((first == '"' || first == '\'') && last == first)) {
      raw = raw.substr(1, raw.size() - 2);
    }
  }
  return folded_name(raw);
}

std::string scope_name(std::string_view raw) {
  std::string out;
  int nested = 0;
  for (const char c : raw) {
    if (c == '<' || c == '[') {
      ++nested;
    } else if (c == '>' || c == ']') {
      if (nested > 0) --nested;
    } else if (nested == 0 && !is_blank(c) && c != '*' && c != '&') {
      out += c;
    }
  }
  while (out.ends_with(':') || out.ends_with('.')) out.pop_back();
  const auto begin = out.find_first_not_of(":.");
  return begin == std::string::npos ? std::string() : out.substr(begin, kMaxName);
}

}  // namespace engram
