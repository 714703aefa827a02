// engram find: symbols by name, exact or fuzzy.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "assist/navigation/symbol_id.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct FindArguments {
  std::string name;
  std::string kind;
  bool fuzzy = false;
  std::size_t limit = 100;
};

json::value symbol_json(const SymbolHit& hit) {
  return {{"name", json_string(hit.symbol.name)},
          {"qualified_name", json_string(qualified_name(hit.language, hit.symbol))},
          {"kind", to_string(hit.symbol.kind)},
          {"file", json_string(hit.path)},
          {"line", hit.symbol.line},
          {"column", hit.symbol.column},
          {"end_line", hit.symbol.end_line},
          {"definition", hit.symbol.is_definition},
          {"signature", json_string(hit.symbol.signature)},
          {"certainty", to_string(hit.certainty)},
          {"id", json_string(symbol_id(hit.path, hit.language, hit.symbol))}};
}

ExitCode run_find(const Context& context, const FindArguments& arguments) {
  CatalogueReader::SymbolQuery query;
  query.name = arguments.name;
  query.fuzzy = arguments.fuzzy;
  query.limit = arguments.limit;
  if (!arguments.kind.empty()) {
    query.kind = symbol_kind_from(arguments.kind);
    if (*query.kind == SymbolKind::kUnknown) {
      return context.fail({Errc::kInvalidArgument,
                           fmt::format("'{}' is no symbol kind: try function, method, class, "
                                       "struct, enum, variable, field, macro, type_alias",
                                       arguments.kind)});
    }
  }
  const fs::path root = find_workspace(fs::current_path());
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const auto reader = CatalogueReader::open(context.store_directory(root, *settings));
  if (!reader) return context.fail(reader.error());
  const auto hits = (*reader)->symbols(query);
  if (!hits) return context.fail(hits.error());
  json::array symbols;
  std::string text;
  for (const SymbolHit& hit : *hits) {
    symbols.push_back(symbol_json(hit));
    text += fmt::format("{}:{}:{}: {} {}\n", hit.path, hit.symbol.line, hit.symbol.column,
                        to_string(hit.symbol.kind), qualified_name(hit.language, hit.symbol));
  }
  return context.answer(json::object{{"symbols", std::move(symbols)}}, text);
}

}  // namespace

void register_find(CLI::App& app, Context& context, Run& run) {
  auto arguments = std::make_shared<FindArguments>();
  CLI::App* command = app.add_subcommand("find", "Symbols of this workspace by name");
  command->add_option("NAME", arguments->name, "The name, or a pattern with --fuzzy")->required();
  command->add_option("--kind", arguments->kind, "Only this kind: function, class, macro, ...");
  command->add_flag("--fuzzy", arguments->fuzzy,
                    "Match letters in order: 'mkstr' finds make_string");
  command->add_option("--limit", arguments->limit, "At most so many (default 100)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100000}));
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_find(context, *arguments); };
  });
}

}  // namespace engram::cli
