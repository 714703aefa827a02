// bench_index [--files N] [--jobs N] DIR...: end-to-end syntax indexing, as JSON lines.
//
// For each directory: an index from nothing (in a child process, so that its memory is its own),
// a bare tree-sitter parse of the same files before and after it (their mean is the peer; a busy
// machine hits both), ctags when there is one, and a run over the unchanged directory. Then a made
// tree of N small files (default 50,000), indexed and looked at again. Results are checked
// before they are reported.
#include <fmt/format.h>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/index/bare_parse.h"
#include "bench/index/child_run.h"
#include "bench/index/made_tree.h"
#include "bench/support/measurement.h"
#include "bench/support/scratch_directory.h"
#include "core/json.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr double kMegabyte = 1e6;

void report_again(const std::string& name, const RunFigures& first, const RunFigures& again) {
  if (again.parsed != 0 || again.unchanged != first.files) {
    give_up(
        fmt::format("{}: the second run parsed {} files of an unchanged tree", name, again.parsed));
  }
  print(name + " unchanged", again.seconds, "s");
  print(name + " unchanged, processor", again.cpu_seconds, "s");
}

// One tree against tree-sitter alone, in processor time.
void bench_against_bare(const std::string& name, const fs::path& root, unsigned jobs) {
  const ScratchDirectory scratch;
  const auto before = parse_only(root);
  const RunFigures run = index_in_child(root, scratch.path() / "first", jobs);
  const RunFigures again = index_in_child(root, scratch.path() / "second", jobs);
  const auto after = parse_only(root);
  if (!before || !after) give_up(name + ": bare_tree_sitter did not run");
  if (run.files == 0 || run.symbols == 0) give_up(name + ": nothing was indexed");
  if (run.symbols != again.symbols) give_up(name + ": two runs found different symbols");
  const double megabytes = static_cast<double>(run.bytes) / kMegabyte;
  const double parsed = static_cast<double>(before->bytes) / kMegabyte;
  const double bare = (before->cpu_seconds + after->cpu_seconds) / 2;
  const double cpu = (run.cpu_seconds + again.cpu_seconds) / 2;
  print(name + " size", megabytes, "MB");
  print(name + " files", static_cast<double>(run.files), "files");
  print(name + " symbols", static_cast<double>(run.symbols), "symbols");
  print(name + " wall speed", megabytes / run.seconds, "MB/s");
  print(name + " processor", cpu, "s");
  print(name + " speed per core", megabytes / cpu, "MB/s");
  print(name + " of it parsed", parsed, "MB");
  print(name + " bare tree-sitter per core", parsed / bare, "MB/s");
  print(name + " ratio to bare tree-sitter", bare / cpu, "");
  print(name + " peak memory", static_cast<double>(run.peak_rss_bytes) / kMegabyte, "MB");
  print(name + " store", static_cast<double>(run.store_bytes) / static_cast<double>(run.bytes),
        "x source");
}

// The tree as it is, and the files alone that tree-sitter reads: what Engram does with the others
// (text for search) is no part of the second ratio.
void bench_directory(const fs::path& root, unsigned jobs) {
  const ScratchDirectory scratch;
  const std::string name = root.filename().string();
  const RunFigures run = index_in_child(root, scratch.path() / "store", jobs);
  report_again(name, run, index_in_child(root, scratch.path() / "store", jobs));
  if (const auto ctags = ctags_seconds(root)) print(name + " ctags, processor", *ctags, "s");
  bench_against_bare(name, root, jobs);
  copy_parsed(root, scratch.path() / "parsed");
  bench_against_bare(name + " (parsed files alone)", scratch.path() / "parsed", jobs);
}

void bench_unchanged(unsigned files, unsigned jobs) {
  const ScratchDirectory scratch;
  make_tree(scratch.path() / "tree", files);
  const RunFigures run = index_in_child(scratch.path() / "tree", scratch.path() / "store", jobs);
  if (run.files != files) give_up(fmt::format("{} of {} made files indexed", run.files, files));
  print(fmt::format("{} small files from nothing", files), run.seconds, "s");
  report_again(fmt::format("{} small files", files), run,
               index_in_child(scratch.path() / "tree", scratch.path() / "store", jobs));
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  unsigned files = 50'000, jobs = 0;
  std::vector<std::filesystem::path> roots;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--files" && i + 1 < argc) {
      files = static_cast<unsigned>(std::atoi(argv[++i]));
    } else if (argument == "--jobs" && i + 1 < argc) {
      jobs = static_cast<unsigned>(std::atoi(argv[++i]));
    } else {
      roots.emplace_back(argument);
    }
  }
  if (roots.empty() && files == 0) {
    fmt::print(stderr, "usage: bench_index [--files N] [--jobs N] DIR...\n");
    return 2;
  }
  if (files > 0) engram::bench_unchanged(files, jobs);
  for (const auto& root : roots) engram::bench_directory(root, jobs);
  return 0;
}
