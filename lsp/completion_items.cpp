#include "lsp/completion_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>

#include "core/text.h"
#include "indexer/semantic/typed_match.h"
#include "lsp/live_problems.h"

namespace engram::lsp {

namespace {

constexpr std::size_t kNear = 4096;  // bytes above the cursor

bool in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Bytes from its last use above to the cursor; kNear when there is none near.
std::size_t distance_above(std::string_view above, std::string_view name) {
  const std::size_t at = above.rfind(name);
  return at == std::string_view::npos ? kNear : above.size() - at;
}

int item_kind(const LiveName& name) {
  if (name.sort == LiveNameSort::kKeyword) return 14;
  if (name.sort == LiveNameSort::kPattern) return 15;
  if (name.sort == LiveNameSort::kFile) return name.name.ends_with('/') ? 19 : 17;
  if (name.sort == LiveNameSort::kMacro) return 21;
  switch (name.kind) {
    case SymbolKind::kMethod:
      return 2;
    case SymbolKind::kFunction:
      return 3;
    case SymbolKind::kConstructor:
      return 4;
    case SymbolKind::kField:
      return 5;
    case SymbolKind::kClass:
      return 7;
    case SymbolKind::kTrait:
      return 8;
    case SymbolKind::kNamespace:
    case SymbolKind::kModule:
      return 9;
    case SymbolKind::kEnum:
      return 13;
    case SymbolKind::kEnumMember:
      return 20;
    case SymbolKind::kStruct:
    case SymbolKind::kUnion:
    case SymbolKind::kTypeAlias:
      return 22;
    case SymbolKind::kTypeParameter:
      return 25;
    default:
      return 6;
  }
}

std::string in_snippet(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '$' || c == '}' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string snippet_of(const LiveName& name) {
  std::string out = in_snippet(name.qualifier + name.name);
  int stop = 0;
  for (const LivePiece& piece : name.after) {
    out += piece.to_fill_in ? fmt::format("${{{}:{}}}", ++stop, in_snippet(piece.text))
                            : in_snippet(piece.text);
  }
  return out;
}

std::string head_of(const LiveName& name) {
  std::string out;
  for (const LivePiece& piece : name.after) out += piece.text;
  return out + name.remark;
}

json::object item_json(const LiveName& name, std::size_t rank, const Document& document,
                       const TypedName& typed, bool snippets) {
  const std::string& text = *document.text;
  const char next = typed.end < text.size() ? text[typed.end] : '\0';
  std::size_t end = typed.end;
  // The quote that an editor closed by itself.
  if (name.sort == LiveNameSort::kFile && !name.name.empty() && next == name.name.back()) ++end;
  const bool fill_in = snippets && !name.after.empty() && next != '(';
  const std::string inserted = fill_in ? snippet_of(name) : name.qualifier + name.name;
  const Range range{document.position(typed.begin), document.position(end)};
  json::object out{
      {"label", json_string(name.name)},
      {"labelDetails",
       {{"detail", json_string(head_of(name))}, {"description", json_string(name.result)}}},
      {"kind", item_kind(name)},
      {"detail", json_string(name.scope.empty() ? name.result : name.scope)},
      {"sortText", fmt::format("{:04}", rank)},
      {"filterText", json_string(name.name)},
      {"insertTextFormat", fill_in ? 2 : 1},
      {"textEdit", {{"range", to_json(range)}, {"newText", json_string(inserted)}}}};
  if (!name.header.empty()) {
    out["detail"] = json_string("#include " + name.header);
    out["labelDetails"] = {{"detail", ""}, {"description", json_string(name.header)}};
  }
  if (!name.doc.empty()) out["documentation"] = json_string(name.doc);
  if (name.deprecated) out["tags"] = json::array{1};
  if (!name.edits.empty()) out["additionalTextEdits"] = edits_json(name.edits, document);
  return out;
}

}  // namespace

TypedName typed_name_at(const std::string& text, std::size_t cursor) {
  const std::size_t line = cursor == 0 ? 0 : text.rfind('\n', cursor - 1) + 1;  // npos + 1 is 0
  std::string_view before = std::string_view(text).substr(line, cursor - line);
  const std::size_t hash = before.find_first_not_of(" \t");
  if (hash != std::string_view::npos && before[hash] == '#') {
    const std::size_t part = before.find_last_of("<\"/");
    if (before.find("include") != std::string_view::npos && part != std::string_view::npos) {
      return {line + part + 1, cursor};
    }
  }
  std::size_t begin = cursor;
  while (begin > line && in_name(text[begin - 1])) --begin;
  return {begin, cursor};
}

std::vector<std::size_t> ranked_names(const LiveReply& reply, const NameUses& uses,
                                      const std::string& text, const TypedName& typed) {
  const std::string_view prefix =
      std::string_view(text).substr(typed.begin, typed.end - typed.begin);
  const std::size_t near = typed.begin - std::min(typed.begin, kNear);
  const std::string_view above = std::string_view(text).substr(near, typed.begin - near);
  using Key = std::tuple<bool, TypedMatch, std::uint32_t, std::int64_t, std::size_t, std::size_t>;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < reply.names.size(); ++i) {
    const LiveName& name = reply.names[i];
    keys.emplace_back(!name.header.empty(), typed_match(name.name, prefix), name.priority,
                      i < uses.size() ? -uses[i] : 0, distance_above(above, name.name), i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::size_t> order;
  for (const Key& key : keys) order.push_back(std::get<5>(key));
  return order;
}

json::object completion_list_json(const LiveReply& reply, const NameUses& uses,
                                  const Document& document, const TypedName& typed, bool snippets) {
  json::array items;
  for (const std::size_t i : ranked_names(reply, uses, *document.text, typed)) {
    items.push_back(item_json(reply.names[i], items.size(), document, typed, snippets));
  }
  return {{"isIncomplete", reply.more_names}, {"items", std::move(items)}};
}

json::value signature_help_json(const LiveReply& reply, bool offsets) {
  if (reply.signatures.empty()) return nullptr;
  json::array signatures;
  for (const LiveSignature& signature : reply.signatures) {
    const std::string_view label = signature.label;
    json::array parameters;
    for (const auto& p : signature.parameters) {
      json::value place = json_string(label.substr(p.begin, p.end - p.begin));
      if (offsets) {
        place = json::array{utf16_length(label.substr(0, p.begin)),
                            utf16_length(label.substr(0, p.end))};
      }
      parameters.push_back(json::object{{"label", std::move(place)}});
    }
    json::object one{{"label", json_string(signature.label)},
                     {"parameters", std::move(parameters)}};
    if (!signature.doc.empty()) one["documentation"] = json_string(signature.doc);
    signatures.push_back(std::move(one));
  }
  const std::size_t active =
      std::min<std::size_t>(reply.active_signature, reply.signatures.size() - 1);
  return {{"signatures", std::move(signatures)},
          {"activeSignature", active},
          {"activeParameter", reply.active_parameter}};
}

}  // namespace engram::lsp
