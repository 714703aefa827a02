// engram index: builds or updates the memory of a workspace.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <algorithm>

#include "assist/engrams/sync.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/semantic_facts.h"
#include "core/path.h"
#include "indexer/pipeline.h"
#include "memory/catalogue.h"
#include "memory/identifiers/identifier_sync.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct IndexArguments {
  std::string directory = ".";
  bool syntax_only = false;
  unsigned jobs = 0;
  std::string compile_commands;
  std::string export_file;
  std::string import_file;
};

IndexOptions index_options(const IndexArguments& arguments, const Settings& settings,
                           Progress& progress) {
  IndexOptions options = index_options_from(settings);
  options.jobs = arguments.jobs;
  options.progress = [&progress](const IndexProgress& p) {
    progress.update(p.bytes_done, p.bytes_total,
                    fmt::format("{} of {} files", p.files_done, p.files_total), p.current);
  };
  return options;
}

// The engrams in the tokens of the model in use. With --no-model too: memory alone completes by
// them. Only where its file is not here is there nothing to name tokens by.
std::optional<EngramCounts> index_engrams(const Context& context, const IndexArguments& arguments,
                                          const Settings& settings, const fs::path& store,
                                          Progress& progress, Error& failed) {
  if (context.options.no_memory) return std::nullopt;
  const auto tokenizer = context.tokenizer(settings);
  if (!tokenizer) {
    context.notice("no engrams: " + tokenizer.error().message);
    return std::nullopt;
  }
  if (context.options.no_model) {
    context.notice(
        "--no-model: of the model's file only the tokenizer is read, to name engrams by");
  }
  EngramSyncOptions options;
  options.jobs = arguments.jobs;
  options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
    progress.update(done, total, "remembering", "");
  };
  const auto report = sync_engrams(store, **tokenizer, options, context.stop.get_token());
  if (!report) {
    failed = report.error();
    return std::nullopt;
  }
  for (const std::string& problem : report->counts.problems) context.notice(problem);
  return report->counts;
}

// The vocabulary needs no model; without it names are only not completed.
void index_identifiers(const Context& context, const fs::path& store) {
  if (context.options.no_memory) return;
  const auto report = sync_identifiers(store, {}, context.stop.get_token());
  if (!report) return context.notice(report.error().message);
  for (const std::string& problem : report->problems) context.notice(problem);
}

ExitCode run_index(const Context& context, const IndexArguments& arguments) {
  std::error_code ec;
  const fs::path given = fs::absolute(arguments.directory, ec).lexically_normal();
  if (!fs::is_directory(given, ec)) {
    return context.fail({Errc::kNotFound, fmt::format("cannot index '{}': it is not a directory",
                                                      arguments.directory)});
  }
  const fs::path root = fs::canonical(given, ec);
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const fs::path store = context.store_directory(root, *settings);
  if (!arguments.import_file.empty()) {
    if (const auto done = import_store(arguments.import_file, store); !done) {
      return context.fail(done.error());
    }
  }
  Progress progress("indexing", Progress::style_for_stderr(context.options.quiet));
  auto report = index_workspace(root, store, index_options(arguments, *settings, progress),
                                context.stop.get_token());
  progress.finish();
  if (!report) return context.fail(report.error());
  for (const std::string& note : report->notes) context.notice(note);
  if (!arguments.syntax_only) {
    const auto semantic = index_semantic_facts(context, *settings, root, store,
                                               arguments.compile_commands, arguments.jobs);
    if (!semantic) return context.fail(semantic.error());
    report->cpu_seconds += semantic->worker_cpu_seconds;
    report->seconds += semantic->seconds;
    report->peak_rss_bytes = std::max(report->peak_rss_bytes, semantic->worker_peak_bytes);
  }
  const auto summary = semantic_summary(root, store, *settings);
  if (!summary) return context.fail(summary.error());
  Progress remembering("remembering", Progress::style_for_stderr(context.options.quiet));
  Error failed{Errc::kCancelled, ""};
  const auto engrams = index_engrams(context, arguments, *settings, store, remembering, failed);
  remembering.finish();
  index_identifiers(context, store);
  if (!failed.message.empty()) return context.fail(failed);
  if (!arguments.export_file.empty()) {
    if (const auto done = export_store(store, arguments.export_file); !done) {
      return context.fail(done.error());
    }
  }
  json::object out = index_report_json(*report, engrams).as_object();
  add_semantic(out, *summary);
  return context.answer(out, index_report_text(*report, engrams, store) + semantic_text(*summary));
}

}  // namespace

void register_index(CLI::App& app, Context& context, Run& run) {
  auto arguments = std::make_shared<IndexArguments>();
  CLI::App* command = app.add_subcommand("index", "Build or update the memory of a workspace");
  command->add_option("DIR", arguments->directory, "The workspace (default: here)");
  command->add_flag("--syntax-only", arguments->syntax_only, "Only the syntax tier, without Clang");
  command->footer(
      "Where there is no compile database, Clang reads C, C++ and CUDA sources with guessed "
      "commands\n"
      "for at most clang.guess_seconds (30); run it again and it goes on. 'engram lsp' reads on "
      "in\n"
      "the background, up to clang.guessed_units (2000).");
  command->add_option("--jobs", arguments->jobs, "Threads (default: one a core)")
      ->check(CLI::Range(1U, 256U));
  command->add_option("--compile-commands", arguments->compile_commands,
                      "compile_commands.json or its directory (default: looked for)");
  command->add_option("--export", arguments->export_file, "Afterwards, write the store to FILE");
  command->add_option("--import", arguments->import_file, "Before, start from the store in FILE");
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_index(context, *arguments); };
  });
}

}  // namespace engram::cli
