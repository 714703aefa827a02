#include "cli/semantic_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/progress.h"
#include "core/path.h"
#include "indexer/semantic/indexed_files.h"
#include "indexer/semantic/worker_process.h"

namespace engram::cli {

namespace fs = std::filesystem;

CompileCommandsOptions compile_commands_options(const fs::path& workspace,
                                                const Settings& settings) {
  CompileCommandsOptions options;
  options.workspace = workspace;
  options.database = settings.text("clang.compile_commands");
  options.most_guessed =
      static_cast<std::size_t>(std::max<std::int64_t>(settings.number("clang.guessed_units"), 0));
  const char* home = std::getenv("HOME");
  options.home = home != nullptr ? home : "/";
  for (const std::string& folder : settings.list("clang.roots")) {
    options.approved_roots.emplace_back(folder);
  }
  for (const std::string& driver : settings.list("clang.drivers")) {
    options.drivers.emplace_back(driver);
  }
  return options;
}

Result<std::unique_ptr<CompileCommands>> open_compile_commands(const fs::path& workspace,
                                                               const Settings& settings,
                                                               const std::string& database) {
  CompileCommandsOptions options = compile_commands_options(workspace, settings);
  if (!database.empty()) options.database = database;
  return CompileCommands::open(std::move(options));
}

Result<SemanticIndexReport> index_semantic_facts(const Context& context, const Settings& settings,
                                                 const fs::path& root, const fs::path& store,
                                                 const std::string& database, unsigned jobs) {
  CompileCommandsOptions where = compile_commands_options(root, settings);
  if (!database.empty()) where.database = database;
  where.list_files = [&store] { return indexed_files(store); };
  const std::chrono::seconds guess_time(settings.number("clang.guess_seconds"));
  if (guess_time.count() <= 0) where.most_guessed = 0;
  ENGRAM_TRY(commands, CompileCommands::open(std::move(where)));
  for (const std::string& message : commands->report().messages) context.notice(message);
  if (commands->file_count() == 0) return SemanticIndexReport{};
  SemanticIndexOptions options;
  options.root = root.string();
  options.store = store;
  options.worker.program = worker_beside_this_program();
  options.jobs = jobs;
  options.guess_time = guess_time;
  if (std::error_code ec; !fs::exists(options.worker.program, ec)) {
    context.notice(fmt::format("no semantic facts: '{}' is not there; 'make' builds it",
                               options.worker.program.string()));
    return SemanticIndexReport{};
  }
  Progress progress("understanding", Progress::style_for_stderr(context.options.quiet));
  options.on_progress = [&progress](const SemanticProgress& p) {
    progress.update(p.done, p.total, semantic_progress_text(p));
  };
  auto report = index_units(*commands, options, context.stop.get_token());
  progress.finish();
  if (report) {
    for (const std::string& note : report->notes) context.notice(note);
  }
  return report;
}

Result<SemanticSummary> semantic_summary(const fs::path& root, const fs::path& store,
                                         const Settings& settings) {
  SemanticSummary summary;
  auto reader = SemanticReader::open(store);
  if (!reader) {
    if (reader.error().code == Errc::kNotFound) return summary;
    return reader.error();
  }
  ENGRAM_TRY(counts, (*reader)->counts());
  summary.counts = counts;
  ENGRAM_TRY(units, (*reader)->units());
  for (SemanticUnit& unit : units) {
    if (unit.state == UnitState::kFailed || unit.state == UnitState::kQuarantined) {
      summary.without_facts.push_back(std::move(unit));
    } else if (unit.errors == 0) {
      ++summary.without_errors;
    }
  }
  const CompileCommandsOptions where = compile_commands_options(root, settings);
  if (counts.semantic == 0 && where.database.empty() &&
      find_compile_databases(root, {}, where.home).found.empty()) {
    summary.guessed_of = indexed_files(store).sources.size();
  }
  return summary;
}

std::string semantic_text(const SemanticSummary& summary) {
  const SemanticCounts& counts = summary.counts;
  if (counts.units == 0) return {};
  const std::string units =
      summary.guessed_of == 0
          ? semantic_share(counts)
          : fmt::format(
                "no compile database: commands of {} of {} units were guessed, {} have no errors",
                counts.units, std::max(counts.units, summary.guessed_of), summary.without_errors);
  std::string out = fmt::format("{}, {} occurrences of {} symbols ({})\n", units,
                                counts.occurrences, counts.symbols, format_bytes(counts.bytes));
  for (const SemanticUnit& unit : summary.without_facts) {
    out += fmt::format("  without facts: {}: {}\n", unit.file, unit.reason);
  }
  return out;
}

void add_semantic(json::object& out, const SemanticSummary& summary) {
  const SemanticCounts& counts = summary.counts;
  if (counts.units == 0) return;
  out["translation_units"] = {{"total", counts.units},
                              {"indexed", counts.semantic + counts.inferred},
                              {"failed", counts.without_facts},
                              {"inferred", counts.inferred},
                              {"semantic", counts.semantic},
                              {"without_errors", summary.without_errors},
                              {"guessed", summary.guessed_of == 0 ? 0 : counts.units},
                              {"guessed_of", summary.guessed_of}};
  out["references"] = out["occurrences"];
  out["occurrences"] = counts.occurrences;
  json::array failed;
  for (const SemanticUnit& unit : summary.without_facts) {
    failed.push_back({{"file", json_string(unit.file)}, {"reason", json_string(unit.reason)}});
  }
  out["failed_units"] = std::move(failed);
  json::object& bytes = out["store_bytes"].as_object();
  bytes["facts"] = bytes["facts"].to_number<std::uint64_t>() + counts.bytes;
  bytes["semantic"] = counts.bytes;
}

}  // namespace engram::cli
