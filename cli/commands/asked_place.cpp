#include "cli/commands/asked_place.h"

#include <fmt/format.h>

#include "assist/navigation/stored_compiler_facts.h"
#include "assist/navigation/symbol_id.h"
#include "core/path.h"
#include "indexer/scan/scanner.h"

namespace engram::cli {

namespace fs = std::filesystem;

Result<AskedPlace> parse_place(const std::string& text) {
  if (looks_like_symbol_id(text)) return AskedPlace{find_workspace(fs::current_path()), "", 0, 0};
  auto position = parse_position(text);
  const bool whole_line = !position;
  if (whole_line) {  // FILE:LINE; but "FILE:0:3" is no line of a file "FILE:0"
    position = parse_position(text + ":1");
    if (position && position->file.string().find(':') != std::string::npos &&
        !fs::exists(position->file)) {
      position = Error{Errc::kInvalidArgument, ""};
    }
  }
  if (!position) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("'{}' is neither a position, FILE:LINE:COLUMN or FILE:LINE, both from "
                             "1, nor a symbol's id as 'engram find --json' gives it",
                             text)};
  }
  std::error_code ec;
  const fs::path file = fs::canonical(position->file, ec);
  if (ec) {
    return Error{Errc::kNotFound,
                 fmt::format("cannot read '{}': {}", position->file.string(), ec.message())};
  }
  const fs::path root = fs::canonical(workspace_of(file), ec);
  const auto relative = relative_path(root, file);
  if (ec || !relative) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot look into '{}': it lies outside the workspace '{}'",
                             position->file.string(), root.string())};
  }
  return AskedPlace{root, *relative, position->line, whole_line ? 0 : position->column};
}

namespace {

// Of a whole line the symbol defined on it, else its first name.
std::optional<std::size_t> offset_on_line(const FileNames& names, std::size_t line) {
  std::optional<std::size_t> first;
  for (const FileName& name : names.names) {
    if (name.line != line) continue;
    if (name.defines) return name.begin;
    if (!first) first = name.begin;
  }
  return first;
}

}  // namespace

Result<std::unique_ptr<Navigator>> open_navigator(const Context& context, const AskedPlace& asked) {
  ENGRAM_TRY(settings, context.settings(asked.root));
  const fs::path store = context.store_directory(asked.root, settings);
  if (const auto reader = CatalogueReader::open(store); !reader) {
    if (reader.error().code != Errc::kNotFound) return reader.error();
    context.notice(
        "there is no index here yet, so other files answer only where this one imports "
        "them: run 'engram index'");
  }
  return std::make_unique<Navigator>(asked.root, store, stored_compiler_facts(store));
}

Result<std::optional<CodePlace>> locate(Navigator& navigator, const AskedPlace& asked,
                                        const std::string& text) {
  SourceTexts& texts = navigator.texts();
  if (asked.path.empty()) {
    const auto found = find_symbol_id(texts, text);
    if (!found) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("there is no symbol '{}' in '{}' (any more): 'engram find NAME "
                               "--json' gives ids",
                               text, asked.root.string())};
    }
    return std::optional(CodePlace{found->path, found->offset});
  }
  const SourceSnapshot source = texts.find(asked.path);
  if (!source) {
    return Error{Errc::kIo,
                 fmt::format("cannot read '{}': it is no readable file of at most {} MiB",
                             asked.path, kMaxTextBytes >> 20U)};
  }
  const FilePosition position{asked.path, asked.line, std::max<std::size_t>(asked.column, 1)};
  ENGRAM_TRY(offset, offset_of(position, *source->text));
  if (asked.column > 0) return std::optional(CodePlace{asked.path, offset});
  const NamesSnapshot names = texts.find_names(asked.path);
  const auto on_line = names ? offset_on_line(*names, asked.line) : std::nullopt;
  if (!on_line) return std::optional<CodePlace>();
  return std::optional(CodePlace{asked.path, *on_line});
}

json::object place_json(const FoundPlace& place) {
  const TextPosition begin = place.source->lines.position(place.begin);
  const TextPosition end = place.source->lines.position(place.end);
  json::object out{{"file", json_string(place.source->path)},
                   {"line", begin.line + 1},
                   {"column", begin.column + 1},
                   {"end_line", end.line + 1},
                   {"end_column", end.column + 1},
                   {"offset", place.begin},
                   {"role", place.role},
                   {"certainty", to_string(place.certainty)}};
  if (place.symbol) {
    out["name"] = json_string(qualified_name(place.source->language, *place.symbol));
    out["kind"] = to_string(place.symbol->kind);
    out["id"] = json_string(symbol_id(place.source->path, place.source->language, *place.symbol));
  }
  return out;
}

std::string place_line(const FoundPlace& place) {
  const std::string_view text = *place.source->text;
  const LineIndex& lines = place.source->lines;
  const TextPosition at = lines.position(place.begin);
  const std::size_t begin = lines.line_start(at.line);
  return fmt::format("{}:{}:{}: {} ({}) {}\n", place.source->path, at.line + 1, at.column + 1,
                     place.role, to_string(place.certainty),
                     text.substr(begin, lines.line_end(text, at.line) - begin));
}

}  // namespace engram::cli
