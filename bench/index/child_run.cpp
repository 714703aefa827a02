#include "bench/index/child_run.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include "indexer/pipeline.h"

namespace engram {

namespace {

RunFigures figures_of(const IndexReport& report) {
  return {.files = report.counts.files,
          .bytes = report.counts.bytes,
          .symbols = report.counts.symbols,
          .chunks = report.counts.chunks,
          .store_bytes = report.counts.store_bytes_facts,
          .parsed = report.files_parsed,
          .unchanged = report.files_unchanged,
          .skipped = report.skipped.size(),
          .seconds = report.seconds,
          .cpu_seconds = report.cpu_seconds,
          .peak_rss_bytes = report.peak_rss_bytes};
}

}  // namespace

RunFigures index_in_child(const std::filesystem::path& root, const std::filesystem::path& store,
                          unsigned jobs) {
  static_assert(std::is_trivially_copyable_v<RunFigures>);
  int ends[2];
  if (::pipe(ends) != 0) std::exit(3);
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto report = index_workspace(root, store, {.jobs = jobs});
    if (!report) {
      fmt::print(stderr, "bench_index: {}\n", report.error().message);
      ::_exit(3);
    }
    const RunFigures figures = figures_of(*report);
    const ssize_t written = ::write(ends[1], &figures, sizeof figures);
    ::_exit(written == sizeof figures ? 0 : 3);
  }
  ::close(ends[1]);
  RunFigures figures;
  const ssize_t got = ::read(ends[0], &figures, sizeof figures);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (got != sizeof figures || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "bench_index: indexing '{}' failed\n", root.string());
    std::exit(3);
  }
  return figures;
}

}  // namespace engram
