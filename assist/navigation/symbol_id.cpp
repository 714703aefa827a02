#include "assist/navigation/symbol_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "indexer/syntax/language.h"

namespace engram {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.size() < 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string qualified_name(std::string_view language, const Symbol& symbol) {
  if (symbol.container.empty()) return symbol.name;
  const LanguageTraits* traits = language_traits(language);
  const std::string_view separator = traits != nullptr ? traits->scope_separator : ".";
  return symbol.container + std::string(separator.empty() ? "." : separator) + symbol.name;
}

std::string symbol_id(std::string_view path, std::string_view language, const Symbol& symbol) {
  return fmt::format("{}#{}@{}", path, qualified_name(language, symbol), symbol.name_begin);
}

bool looks_like_symbol_id(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && all_digits(text.substr(at + 1)) &&
         text.substr(0, at).find('#') != std::string_view::npos;
}

std::optional<SymbolPlace> find_symbol_id(SourceTexts& texts, std::string_view id) {
  if (!looks_like_symbol_id(id)) return {};
  const std::size_t at = id.rfind('@');
  std::size_t offset = 0;
  std::from_chars(id.data() + at + 1, id.data() + id.size(), offset);
  const std::string_view head = id.substr(0, at);
  // Both a path and a name (JavaScript's #private) may contain the mark.
  for (std::size_t mark = head.find('#'); mark != std::string_view::npos;
       mark = head.find('#', mark + 1)) {
    const std::string path(head.substr(0, mark));
    const std::string_view name = head.substr(mark + 1);
    const NamesSnapshot names = texts.exists(path) ? texts.find_names(path) : nullptr;
    if (!names) continue;
    const Symbol* best = nullptr;
    const auto distance = [&](const Symbol& s) {
      return s.name_begin > offset ? s.name_begin - offset : offset - s.name_begin;
    };
    for (const Symbol& s : names->symbols) {
      if (qualified_name(names->language, s) != name) continue;
      if (best == nullptr || distance(s) < distance(*best)) best = &s;
    }
    if (best != nullptr) return SymbolPlace{path, best->name_begin};
  }
  return {};
}

}  // namespace engram
