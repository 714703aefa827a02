#include "lsp/navigation_view.h"

#include <fmt/format.h>

#include "core/path.h"
#include "indexer/syntax/language.h"
#include "lsp/language_id.h"
#include "lsp/text_positions.h"

namespace engram::lsp {

std::string NavigationView::uri_of(const std::string& path_of_file) const {
  if (const auto open_uri = uris.find(path_of_file); open_uri != uris.end()) {
    return open_uri->second;
  }
  return uri_from_path(root / path_of_file);
}

namespace {

Position position_in(const NavigationView& view, const SourceText& source, std::size_t offset) {
  return position_at(*source.text, source.lines, view.encoding, offset);
}

}  // namespace

json::value NavigationView::position(const SourceText& source, std::size_t offset) const {
  return to_json(position_in(*this, source, offset));
}

json::value NavigationView::range(const SourceText& source, std::size_t begin,
                                  std::size_t end) const {
  return to_json(Range{position_in(*this, source, begin), position_in(*this, source, end)});
}

json::object NavigationView::location(const FoundPlace& place) const {
  return {{"uri", json_string(uri_of(place.source->path))},
          {"range", range(*place.source, place.begin, place.end)},
          {"certainty", to_string(place.certainty)}};
}

json::array NavigationView::locations(const std::vector<FoundPlace>& places) const {
  json::array out;
  for (const FoundPlace& place : places) out.push_back(location(place));
  return out;
}

std::string navigation_path(const std::filesystem::path& root, const Document& document) {
  if (!document.path) return document.uri;
  if (!root.empty()) {
    if (auto relative = relative_path(root, *document.path)) return *std::move(relative);
  }
  return document.path->string();
}

OpenText open_text(const std::string& path, const Document& document) {
  std::string language;
  if (document.path) language = language_of(document.path->string(), *document.text);
  if (language.empty()) language = language_from_id(document.language_id);
  return {path, std::move(language), document.text};
}

Result<std::size_t> offset_in(const Document& document, const Position& position) {
  const std::size_t lines = document.lines->line_count();
  if (position.line >= lines) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("params.position.line: {} lies outside '{}', which has {} lines",
                             position.line, document.uri, lines)};
  }
  return document.offset(position);
}

int lsp_symbol_kind(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kModule:
    case SymbolKind::kHeading:
      return 2;
    case SymbolKind::kNamespace:
      return 3;
    case SymbolKind::kPackage:
      return 4;
    case SymbolKind::kClass:
      return 5;
    case SymbolKind::kMethod:
      return 6;
    case SymbolKind::kProperty:
      return 7;
    case SymbolKind::kField:
      return 8;
    case SymbolKind::kConstructor:
      return 9;
    case SymbolKind::kEnum:
      return 10;
    case SymbolKind::kInterface:
    case SymbolKind::kTrait:
      return 11;
    case SymbolKind::kFunction:
    case SymbolKind::kMacro:
      return 12;
    case SymbolKind::kUnknown:
    case SymbolKind::kVariable:
    case SymbolKind::kParameter:
    case SymbolKind::kLabel:
      return 13;
    case SymbolKind::kConstant:
      return 14;
    case SymbolKind::kKey:
    case SymbolKind::kSelector:
      return 20;
    case SymbolKind::kElement:
      return 19;
    case SymbolKind::kEnumMember:
      return 22;
    case SymbolKind::kStruct:
    case SymbolKind::kUnion:
    case SymbolKind::kTypeAlias:
      return 23;
    case SymbolKind::kTypeParameter:
      return 26;
  }
  return 13;
}

}  // namespace engram::lsp
