// engram outline: the structure of one file. Reads the file itself, so it needs no index.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "core/atomic_file.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"

namespace engram::cli {

namespace {

using Children = std::map<std::int32_t, std::vector<std::int32_t>>;

// Local variables and parameters are not structure.
Children children_of(const std::vector<Symbol>& symbols) {
  Children children;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (symbols[i].is_local) continue;
    std::int32_t parent = symbols[i].parent;
    while (parent >= 0 && symbols[static_cast<std::size_t>(parent)].is_local) {
      parent = symbols[static_cast<std::size_t>(parent)].parent;
    }
    children[parent].push_back(static_cast<std::int32_t>(i));
  }
  return children;
}

constexpr std::size_t kMaxDepth = 64;

json::array outline_json(const std::vector<Symbol>& symbols, const Children& children,
                         std::int32_t parent, std::size_t depth) {
  json::array out;
  const auto it = children.find(parent);
  if (it == children.end() || depth > kMaxDepth) return out;
  for (const std::int32_t i : it->second) {
    const Symbol& s = symbols[static_cast<std::size_t>(i)];
    out.push_back({{"name", json_string(s.name)},
                   {"kind", to_string(s.kind)},
                   {"line", s.line},
                   {"column", s.column},
                   {"end_line", s.end_line},
                   {"definition", s.is_definition},
                   {"signature", json_string(s.signature)},
                   {"children", outline_json(symbols, children, i, depth + 1)}});
  }
  return out;
}

void outline_text(const std::vector<Symbol>& symbols, const Children& children, std::int32_t parent,
                  std::size_t depth, std::string& out) {
  const auto it = children.find(parent);
  if (it == children.end() || depth > kMaxDepth) return;
  for (const std::int32_t i : it->second) {
    const Symbol& s = symbols[static_cast<std::size_t>(i)];
    out += fmt::format("{:>6}  {}{} {}\n", s.line, std::string(2 * depth, ' '), to_string(s.kind),
                       s.name);
    outline_text(symbols, children, i, depth + 1, out);
  }
}

ExitCode run_outline(const Context& context, const std::string& file) {
  constexpr std::size_t kMaxBytes = 64u << 20;
  const auto text = read_file(file, kMaxBytes);
  if (!text) return context.fail(text.error());
  const std::string_view language = language_of(file, *text);
  if (language.empty()) {
    return context.fail({Errc::kInvalidArgument,
                         fmt::format("cannot outline '{}': no grammar for this kind of file; there "
                                     "are {}",
                                     file, fmt::join(languages(), ", "))});
  }
  const auto extraction = extract_facts(language, *text, {}, context.stop.get_token());
  if (!extraction) return context.fail(extraction.error());
  if (!extraction->limited_by.empty()) {
    context.notice(fmt::format("'{}' was read only in part: {}", file, extraction->limited_by));
  }
  const std::vector<Symbol>& symbols = extraction->facts.symbols;
  const Children children = children_of(symbols);
  std::string lines;
  outline_text(symbols, children, -1, 0, lines);
  return context.answer(json::object{{"file", json_string(file)},
                                     {"language", language},
                                     {"certainty", to_string(extraction->facts.certainty)},
                                     {"symbols", outline_json(symbols, children, -1, 0)}},
                        lines);
}

}  // namespace

void register_outline(CLI::App& app, Context& context, Run& run) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("outline", "The structure of a file");
  command->add_option("FILE", *file, "The file")->required();
  command->callback(
      [&context, &run, file] { run = [&context, file] { return run_outline(context, *file); }; });
}

}  // namespace engram::cli
