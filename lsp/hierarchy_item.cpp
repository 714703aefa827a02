#include "lsp/hierarchy_item.h"

#include <fmt/format.h>

#include "core/path.h"
#include "lsp/fields.h"
#include "lsp/text_positions.h"

namespace engram::lsp {

namespace {

std::string hex_of(const SymbolKey& key) {
  std::string out;
  for (const std::uint8_t byte : key.bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::optional<SymbolKey> key_from(std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  SymbolKey key;
  if (hex.size() != 2 * key.bytes.size()) return {};
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const std::size_t digit = kDigits.find(hex[i]);
    if (digit == std::string_view::npos) return {};
    key.bytes[i / 2] = static_cast<std::uint8_t>(std::size_t{key.bytes[i / 2]} << 4 | digit);
  }
  return key;
}

std::string path_of_uri(const NavigationView& view, const std::string& uri) {
  for (const auto& [path, open] : view.uris) {
    if (open == uri) return path;
  }
  const auto path = path_from_uri(uri);
  if (!path) return uri;
  return relative_path(view.root, *path).value_or(path->string());
}

Result<std::size_t> offset_in_source(const NavigationView& view, const SourceText& source,
                                     const Position& position) {
  if (position.line >= source.lines.line_count()) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("params.item: line {} lies outside '{}', which has {} lines",
                             position.line, source.path, source.lines.line_count())};
  }
  return offset_at(*source.text, source.lines, view.encoding, position);
}

}  // namespace

Result<void> read(const json::value& value, HierarchyItemParams& out) {
  Fields f(value, "params");
  const json::value* item = f.required_object("item");
  if (item == nullptr) return f.finish();
  Fields inner(*item, f.path_of("item"));
  inner.required("uri", out.uri);
  inner.required("name", out.name);
  if (const json::value* range = inner.required_object("selectionRange")) {
    Fields selection(*range, inner.path_of("selectionRange"));
    if (const json::value* start = selection.required_object("start")) {
      Fields position(*start, selection.path_of("start"));
      position.required("line", out.position.line);
      position.required("character", out.position.character);
      selection.absorb(position.finish());
    }
    inner.absorb(selection.finish());
  }
  if (const json::value* data = inner.member("data"); data != nullptr && data->is_object()) {
    if (const auto* symbol = data->as_object().if_contains("symbol");
        symbol != nullptr && symbol->is_string()) {
      out.symbol = key_from(symbol->as_string());
    }
  }
  f.absorb(inner.finish());
  return f.finish();
}

json::object hierarchy_item(const NavigationView& view, const FoundPlace& place) {
  const SourceText& source = *place.source;
  json::object item{{"uri", json_string(view.uri_of(source.path))},
                    {"selectionRange", view.range(source, place.begin, place.end)},
                    {"certainty", to_string(place.certainty)}};
  std::string name = source.text->substr(place.begin, place.end - place.begin);
  std::size_t begin = place.begin, end = place.end;
  SymbolKind kind = SymbolKind::kUnknown;
  if (const auto& symbol = place.symbol) {
    name = symbol->name;
    kind = symbol->kind;
    begin = std::min<std::size_t>(begin, symbol->begin);
    end = std::max<std::size_t>(end, symbol->end);
    item["detail"] = json_string(symbol->container.empty() ? symbol->signature : symbol->container);
  }
  item["name"] = json_string(name);
  item["kind"] = lsp_symbol_kind(kind);
  item["range"] = view.range(source, begin, std::min(end, source.text->size()));
  if (place.key) item["data"] = {{"symbol", hex_of(*place.key)}};
  return item;
}

Result<std::vector<RelatedSymbol>> related_to_item(Navigator& navigator, const NavigationView& view,
                                                   const HierarchyItemParams& item,
                                                   SymbolRelation relation,
                                                   const std::stop_token& stop) {
  if (item.symbol) return navigator.related_to(*item.symbol, item.name, relation, stop);
  const std::string path = path_of_uri(view, item.uri);
  const SourceSnapshot source = navigator.texts().find(path);
  if (!source) {
    return Error{Errc::kNotFound, fmt::format("cannot look into '{}': it is neither open nor a "
                                              "readable file of this workspace",
                                              item.uri)};
  }
  ENGRAM_TRY(offset, offset_in_source(view, *source, item.position));
  return navigator.related({path, offset}, relation, stop);
}

}  // namespace engram::lsp
