// bench_semantic [--jobs N] [--system-headers nothing|declarations|all] DIR...: a compile
// database's translation units through engram-clang-worker, as JSON lines.
//
// Processor time and memory are the workers'. `occurrences, distinct` are what a store would keep:
// the same header told by many units counts once. They are kept in a store that
// is deleted at the end; its size and the time of its answers follow. clangd_peer.py runs
// clangd-19's background index over the same database.
#include <fmt/format.h>

#include <cstdlib>
#include <set>
#include <string>
#include <unordered_set>

#include "bench/semantic/store_costs.h"
#include "bench/support/measurement.h"
#include "core/json.h"
#include "core/process_costs.h"
#include "indexer/semantic/semantic_run.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

struct Distinct {
  std::size_t occurrences_told = 0;
  std::unordered_set<std::uint64_t> occurrences;
  std::set<SymbolKey> symbols;
  std::set<std::string> files;

  void add(const UnitFacts& facts) {
    occurrences_told += facts.occurrences.size();
    for (const UnitSymbol& symbol : facts.symbols) symbols.insert(symbol.key);
    for (const UnitFile& file : facts.files) files.insert(file.path);
    for (const Occurrence& o : facts.occurrences) {
      const SymbolKey& key = facts.symbols[o.symbol].key;
      const auto seed = xxh3(facts.files[o.file].path);
      const std::string place =
          std::string(key.bytes.begin(), key.bytes.end()) + fmt::format("{},{}", o.begin, o.end);
      occurrences.insert(xxh3(place, seed));
    }
  }
};

void bench(const fs::path& workspace, std::size_t jobs, SystemHeaders system_headers) {
  CompileCommandsOptions where;
  where.workspace = workspace;
  const auto commands = CompileCommands::open(where);
  if (!commands) give_up(commands.error().message);
  if ((*commands)->file_count() == 0) give_up(workspace.string() + ": no compile database");
  Distinct distinct;
  SemanticRunOptions options;
  options.root = fs::canonical(workspace).string();
  options.worker.program = worker_beside_this_program();
  options.worker.background = false;
  options.jobs = jobs;
  options.system_headers = system_headers;
  StoreCosts store(options.root);
  options.on_unit = [&](const CompileCommand& command, const UnitOutcome& o) {
    distinct.add(o.facts);
    store.add(command.file, o);
  };
  const auto report = run_units(**commands, options);
  if (!report) give_up(report.error().message);
  if (distinct.symbols.empty()) give_up(workspace.string() + ": no symbols were found");
  for (const UnitWithoutFacts& unit : report->without_facts) {
    fmt::print(stderr, "{}: {}\n", unit.file, unit.reason);
  }
  fmt::print(stderr, "{}\n", semantic_share(*report));
  const std::string name = workspace.filename().string();
  print(name + " translation units", static_cast<double>(report->units), "units");
  print(name + " semantic", static_cast<double>(report->semantic), "units");
  print(name + " inferred", static_cast<double>(report->inferred), "units");
  print(name + " files", static_cast<double>(distinct.files.size()), "files");
  print(name + " symbols", static_cast<double>(distinct.symbols.size()), "symbols");
  print(name + " occurrences, told", static_cast<double>(distinct.occurrences_told), "");
  print(name + " occurrences, distinct", static_cast<double>(distinct.occurrences.size()), "");
  print(name + " workers, processor", report->worker_cpu_seconds, "s");
  print(name + " this process, counting included", own_processor_seconds(), "s");
  print(name + " wall", report->seconds, "s");
  print(name + " largest worker", static_cast<double>(report->worker_peak_bytes) / 1e6, "MB");
  store.print(name);
}

[[noreturn]] void usage() {
  fmt::print(
      stderr,
      "usage: bench_semantic [--jobs N] [--system-headers nothing|declarations|all] DIR...\n");
  std::exit(2);
}

SystemHeaders system_headers_from(std::string_view text) {
  if (text == "nothing") return SystemHeaders::kNothing;
  if (text == "declarations") return SystemHeaders::kDeclarations;
  if (text == "all") return SystemHeaders::kAll;
  usage();
}

int run(int argc, char** argv) {
  std::size_t jobs = 1;
  auto system_headers = SystemHeaders::kDeclarations;
  std::vector<fs::path> workspaces;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--jobs" && i + 1 < argc) {
      jobs = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (argument == "--system-headers" && i + 1 < argc) {
      system_headers = system_headers_from(argv[++i]);
    } else if (argument.starts_with("-")) {
      usage();
    } else {
      workspaces.emplace_back(fs::absolute(argument));
    }
  }
  for (const fs::path& workspace : workspaces) bench(workspace, jobs, system_headers);
  return 0;
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) { return engram::run(argc, argv); }
