// bench/index/child_run.h: one indexing run in a process of its own, so that its peak memory and
// processor time are its own.
#pragma once

#include <cstdint>
#include <filesystem>

namespace engram {

struct RunFigures {
  std::uint64_t files = 0, bytes = 0, symbols = 0, chunks = 0, store_bytes = 0;
  std::uint64_t parsed = 0, unchanged = 0, skipped = 0;
  double seconds = 0, cpu_seconds = 0;
  std::uint64_t peak_rss_bytes = 0;
};

// Forks, indexes `root` into `store` with the built-in settings, and returns the child's report.
// Ends the program with a message when the run fails.
RunFigures index_in_child(const std::filesystem::path& root, const std::filesystem::path& store,
                          unsigned jobs);

}  // namespace engram
