// bench_units [--jobs N] [--every-header] DIR...: `engram index`'s semantic part over a compile
// database, into a store that is deleted, as JSON lines. --every-header: without claims.
//
// Memory is that of all processes: this one and its largest worker (one job: the only one).
// clangd_peer.py and syntax_only_peer.py do the same work with others' programs.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "bench/support/measurement.h"
#include "bench/support/scratch_directory.h"
#include "core/json.h"
#include "core/process_costs.h"
#include "indexer/semantic/semantic_index.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

void bench(const fs::path& workspace, std::size_t jobs, bool each_header_once) {
  CompileCommandsOptions where;
  where.workspace = workspace;
  const auto commands = CompileCommands::open(where);
  if (!commands) give_up(commands.error().message);
  if ((*commands)->file_count() == 0) give_up(workspace.string() + ": no compile database");
  SemanticIndexOptions options;
  options.root = fs::canonical(workspace).string();
  const ScratchDirectory store;
  options.store = store.path();
  options.worker.program = worker_beside_this_program();
  options.worker.background = false;
  options.jobs = jobs;
  options.each_header_once = each_header_once;
  const double before = own_processor_seconds();
  const auto report = index_units(**commands, options);
  if (!report) give_up(report.error().message);
  const double own = own_processor_seconds() - before;
  const double own_peak = static_cast<double>(own_peak_bytes()) / 1e6;
  const auto reader = SemanticReader::open(options.store);
  if (!reader) give_up(reader.error().message);
  const auto counts = (*reader)->counts();
  if (!counts) give_up(counts.error().message);
  fmt::print(stderr, "{}\n", semantic_share(*counts));
  const std::string name = workspace.filename().string() + " units, ";
  const double peak = static_cast<double>(report->worker_peak_bytes) / 1e6;
  print(name + "translation units", static_cast<double>(report->parsed), "units");
  print(name + "occurrences", static_cast<double>(counts->occurrences), "");
  print(name + "workers, processor", report->worker_cpu_seconds, "s");
  print(name + "engram, processor", own, "s");
  print(name + "processor", report->worker_cpu_seconds + own, "s");
  print(name + "largest worker", peak, "MB");
  print(name + "engram, peak memory", own_peak, "MB");
  print(name + "peak memory", peak + own_peak, "MB");
  print(name + "store", static_cast<double>(counts->bytes) / 1e6, "MB");
}

[[noreturn]] void usage() {
  fmt::print(stderr, "usage: bench_units [--jobs N] [--every-header] DIR...\n");
  std::exit(2);
}

int run(int argc, char** argv) {
  std::size_t jobs = 1;
  bool each_header_once = true;
  std::vector<fs::path> workspaces;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--jobs" && i + 1 < argc) {
      jobs = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (argument == "--every-header") {
      each_header_once = false;
    } else if (argument.starts_with("-")) {
      usage();
    } else {
      workspaces.emplace_back(fs::absolute(argument));
    }
  }
  if (workspaces.empty()) usage();
  for (const fs::path& workspace : workspaces) bench(workspace, jobs, each_header_once);
  return 0;
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) { return engram::run(argc, argv); }
