// engram search: text search over the memory, every match verified.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/report.h"
#include "indexer/scan/scanner.h"
#include "memory/text_search.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

ExitCode run_search(const Context& context, const TextQuery& query) {
  const fs::path root = find_workspace(fs::current_path());
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const auto found =
      search_text(context.store_directory(root, *settings), query, context.stop.get_token());
  if (!found) return context.fail(found.error());
  json::array matches;
  std::string text;
  for (const TextMatch& m : found->matches) {
    matches.push_back({{"file", json_string(m.path)},
                       {"line", m.line},
                       {"column", m.column},
                       {"text", json_string(m.text)},
                       {"offset", m.begin}});
    text += fmt::format("{}:{}:{}:{}\n", m.path, m.line, m.column, m.text);
  }
  if (found->truncated) {
    context.notice(fmt::format("there are more than {} matches: raise --limit", query.limit));
  }
  return context.answer(json::object{{"matches", std::move(matches)},
                                     {"truncated", found->truncated},
                                     {"skipped", skipped_json(found->skipped)},
                                     {"files_searched", found->files_searched}},
                        text);
}

}  // namespace

void register_search(CLI::App& app, Context& context, Run& run) {
  auto query = std::make_shared<TextQuery>();
  CLI::App* command = app.add_subcommand("search", "Text search over the memory, verified");
  command->add_option("PATTERN", query->pattern, "What to look for")->required();
  command->add_flag("--regex", query->regex, "PATTERN is a regular expression (RE2)");
  command->add_flag("--word", query->word, "Only whole words");
  command->add_flag("--ignore-case", query->ignore_case, "Letters match in either case");
  command->add_option("--glob", query->globs, "Only files that match, as '*.py' or 'src/**'");
  command->add_option("--limit", query->limit, "At most so many matches (default 1000)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  command->callback([&context, &run, query] {
    run = [&context, query] {
      query->threads = context.options.threads;
      return run_search(context, *query);
    };
  });
}

}  // namespace engram::cli
