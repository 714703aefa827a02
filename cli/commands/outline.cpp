// engram outline: the structure of one file. Reads the file itself, so it needs no index.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "assist/navigation/document_outline.h"
#include "cli/command.h"
#include "core/atomic_file.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"

namespace engram::cli {

namespace {

json::array outline_json(const std::vector<OutlineNode>& nodes) {
  json::array out;
  for (const OutlineNode& node : nodes) {
    const Symbol& s = *node.symbol;
    out.push_back({{"name", json_string(s.name)},
                   {"kind", to_string(s.kind)},
                   {"line", s.line},
                   {"column", s.column},
                   {"end_line", s.end_line},
                   {"definition", s.is_definition},
                   {"signature", json_string(s.signature)},
                   {"children", outline_json(node.children)}});
  }
  return out;
}

void outline_text(const std::vector<OutlineNode>& nodes, std::size_t depth, std::string& out) {
  for (const OutlineNode& node : nodes) {
    out += fmt::format("{:>6}  {}{} {}\n", node.symbol->line, std::string(2 * depth, ' '),
                       to_string(node.symbol->kind), node.symbol->name);
    outline_text(node.children, depth + 1, out);
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
  const std::vector<OutlineNode> outline = document_outline(extraction->facts.symbols);
  std::string lines;
  outline_text(outline, 0, lines);
  return context.answer(json::object{{"file", json_string(file)},
                                     {"language", language},
                                     {"certainty", to_string(extraction->facts.certainty)},
                                     {"symbols", outline_json(outline)}},
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
