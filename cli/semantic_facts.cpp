#include "cli/semantic_facts.h"

#include <fmt/format.h>

#include <cstdlib>

#include "cli/progress.h"
#include "core/path.h"
#include "indexer/semantic/worker_process.h"

namespace engram::cli {

namespace fs = std::filesystem;

CompileCommandsOptions compile_commands_options(const fs::path& workspace,
                                                const Settings& settings) {
  CompileCommandsOptions options;
  options.workspace = workspace;
  options.database = settings.text("clang.compile_commands");
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
  ENGRAM_TRY(commands, open_compile_commands(root, settings, database));
  for (const std::string& message : commands->report().messages) context.notice(message);
  if (commands->file_count() == 0) return SemanticIndexReport{};
  SemanticIndexOptions options;
  options.root = root.string();
  options.store = store;
  options.worker.program = worker_beside_this_program();
  options.jobs = jobs;
  if (std::error_code ec; !fs::exists(options.worker.program, ec)) {
    context.notice(fmt::format("no semantic facts: '{}' is not there; 'make' builds it",
                               options.worker.program.string()));
    return SemanticIndexReport{};
  }
  Progress progress("understanding", Progress::style_for_stderr(context.options.quiet));
  options.on_progress = [&progress](const SemanticProgress& p) {
    const std::size_t percent = p.total == 0 ? 0 : p.semantic * 100 / p.total;
    progress.update(p.done, p.total, fmt::format("{} % of translation units semantic", percent));
  };
  auto report = index_units(*commands, options, context.stop.get_token());
  progress.finish();
  if (report) {
    for (const std::string& note : report->notes) context.notice(note);
  }
  return report;
}

Result<SemanticSummary> semantic_summary(const fs::path& store) {
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
    }
  }
  return summary;
}

std::string semantic_text(const SemanticSummary& summary) {
  const SemanticCounts& counts = summary.counts;
  if (counts.units == 0) return {};
  std::string out = fmt::format("{}, {} occurrences of {} symbols ({})\n", semantic_share(counts),
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
                              {"semantic", counts.semantic}};
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
