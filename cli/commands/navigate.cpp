// engram definition, declaration, references, hover: navigation from a position or a symbol's id.
//
// Works without an index too: then the file itself and what it imports answer.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "assist/navigation/navigator.h"
#include "assist/navigation/stored_compiler_facts.h"
#include "assist/navigation/symbol_id.h"
#include "cli/command.h"
#include "core/path.h"
#include "indexer/scan/scanner.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

enum class Question { kDefinition, kDeclaration, kReferences, kHover };

struct NavigateArguments {
  std::string place;
  std::size_t limit = 20'000;
};

// FILE:LINE:COLUMN, FILE:LINE (column 0), or a symbol's id in the workspace around here.
struct AskedPlace {
  fs::path root;
  std::string path;  // workspace-relative; empty: an id
  std::size_t line = 0, column = 0;
};

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
    return Error{Errc::kIo, fmt::format("cannot read '{}': it is no readable file of at most 4 MiB",
                                        asked.path)};
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

std::string line_of(const FoundPlace& place) {
  const std::string_view text = *place.source->text;
  const LineIndex& lines = place.source->lines;
  const TextPosition at = lines.position(place.begin);
  const std::size_t begin = lines.line_start(at.line);
  return fmt::format("{}:{}:{}: {} ({}) {}\n", place.source->path, at.line + 1, at.column + 1,
                     place.role, to_string(place.certainty),
                     text.substr(begin, lines.line_end(text, at.line) - begin));
}

ExitCode answer_places(const Context& context, const std::vector<FoundPlace>& places) {
  json::array locations;
  std::string text;
  for (const FoundPlace& place : places) {
    locations.push_back(place_json(place));
    text += line_of(place);
  }
  return context.answer(json::object{{"locations", std::move(locations)}}, text);
}

ExitCode answer_hover(const Context& context, const std::optional<HoverText>& hover) {
  if (!hover) return context.answer(json::object{{"locations", json::array()}}, "");
  json::object out{{"locations", json::array{place_json(hover->place)}}, {"others", hover->others}};
  std::string text = line_of(hover->place);
  if (const auto& symbol = hover->place.symbol) {
    out["qualified_name"] = json_string(hover->qualified_name);
    out["kind"] = to_string(symbol->kind);
    out["signature"] = json_string(symbol->signature);
    out["doc"] = json_string(symbol->doc);
    text += fmt::format("{} {}\n{}\n", to_string(symbol->kind), hover->qualified_name,
                        symbol->signature);
    if (!symbol->doc.empty()) text += symbol->doc + "\n";
  }
  if (hover->others > 0) text += fmt::format("({} more candidates)\n", hover->others);
  return context.answer(out, text);
}

ExitCode answer(const Context& context, Question question, Navigator& navigator,
                const CodePlace& place, const NavigateArguments& arguments) {
  const std::stop_token stop = context.stop.get_token();
  if (question == Question::kHover) {
    const auto hover = navigator.hover(place, stop);
    return hover ? answer_hover(context, *hover) : context.fail(hover.error());
  }
  const auto places = question == Question::kDefinition ? navigator.definition(place, stop)
                      : question == Question::kDeclaration
                          ? navigator.declaration(place, stop)
                          : navigator.references(place, {.limit = arguments.limit}, stop);
  return places ? answer_places(context, *places) : context.fail(places.error());
}

ExitCode run_navigate(const Context& context, Question question,
                      const NavigateArguments& arguments) {
  const auto asked = parse_place(arguments.place);
  if (!asked) return context.fail(asked.error());
  const auto settings = context.settings(asked->root);
  if (!settings) return context.fail(settings.error());
  const fs::path store = context.store_directory(asked->root, *settings);
  if (const auto reader = CatalogueReader::open(store); !reader) {
    if (reader.error().code != Errc::kNotFound) return context.fail(reader.error());
    context.notice(
        "there is no index here yet, so other files answer only where this one imports "
        "them: run 'engram index'");
  }
  Navigator navigator(asked->root, store, stored_compiler_facts(store));
  const auto place = locate(navigator, *asked, arguments.place);
  if (!place) return context.fail(place.error());
  if (!*place) return answer_places(context, {});
  return answer(context, question, navigator, **place, arguments);
}

void add_command(CLI::App& app, Context& context, Run& run, Question question, const char* name,
                 const char* description) {
  auto arguments = std::make_shared<NavigateArguments>();
  CLI::App* command = app.add_subcommand(name, description);
  command
      ->add_option("PLACE", arguments->place, "FILE:LINE:COLUMN, FILE:LINE or the id of a symbol")
      ->required();
  if (question == Question::kReferences) {
    command->add_option("--limit", arguments->limit, "At most so many (default 20000)")
        ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  }
  command->callback([&context, &run, question, arguments] {
    run = [&context, question, arguments] { return run_navigate(context, question, *arguments); };
  });
}

}  // namespace

void register_navigate(CLI::App& app, Context& context, Run& run) {
  add_command(app, context, run, Question::kDefinition, "definition",
              "Where what stands at a place is defined");
  add_command(app, context, run, Question::kDeclaration, "declaration",
              "Where it is declared, when apart from its definition");
  add_command(app, context, run, Question::kReferences, "references", "Where it is used");
  add_command(app, context, run, Question::kHover, "hover", "What it is: head, comment, place");
}

}  // namespace engram::cli
