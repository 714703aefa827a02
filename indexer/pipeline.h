// indexer/pipeline.h: brings a store up to date with a workspace: scan, diff, extract, write.
//
// Incremental by content: unchanged size and mtime cost a stat, a changed mtime a hash, known
// contents no parsing. Files are extracted on a pool and written in batches; each commit is
// durable, so an interrupted or killed run loses only unfinished files and the next continues.
// `first` goes before everything (the file open in the editor) and is committed at once. A store
// of another version, or damaged, is rebuilt. A file that hits a cap of the extractor is listed in
// `skipped` and searchable all the same, without symbols.
//
// Threads: one run per store at a time (the write lease; a second one, in this process or another,
// is kBusy).  Errors: those of scan_workspace and CatalogueWriter; kCancelled after stop (what was
// committed stays).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "indexer/scan/scanner.h"
#include "indexer/syntax/extract.h"
#include "memory/catalogue.h"

namespace engram {

struct IndexProgress {
  std::uint64_t files_done = 0, files_total = 0;
  std::uint64_t bytes_done = 0, bytes_total = 0;  // of files that need work
  std::string current;                            // path in work, for a person
};

struct IndexOptions {
  ScanOptions scan{};
  ExtractLimits limits{};
  unsigned jobs = 0;                 // 0: number of cores
  std::vector<std::string> first{};  // relative paths to do first
  bool background = false;           // low priority threads
  // On the calling thread, about ten times a second and once at the end.
  std::function<void(const IndexProgress&)> progress{};
  // Before each file, on the worker threads, several at a time; may block (a completion in
  // flight) for at most 2 s in a row.
  std::function<void()> may_proceed{};
  // On the calling thread, between files: paths that changed since the run began (saved in the
  // editor, seen by the watcher). They are looked at next and committed at once.
  std::function<std::vector<std::string>()> take_changed{};
};

struct IndexReport {
  StoreCounts counts;
  std::uint64_t files_parsed = 0, files_unchanged = 0, files_relinked = 0, files_removed = 0;
  std::uint64_t bytes_parsed = 0;
  std::vector<SkippedFile> skipped;
  std::vector<std::string> notes;  // for a person: a broken repository, a rebuilt store
  double seconds = 0, cpu_seconds = 0;
  std::uint64_t peak_rss_bytes = 0;
};

Result<IndexReport> index_workspace(const std::filesystem::path& root,
                                    const std::filesystem::path& store, const IndexOptions& options,
                                    std::stop_token stop = {});

// Re-reads just these files (saved in the editor, reported by the watcher), or what lies below
// them when they are directories; what is gone is removed. Paths outside the workspace do nothing.
// The report counts and lists these files only; `counts` stays zero (it costs a pass over the
// store).
Result<IndexReport> update_files(const std::filesystem::path& root,
                                 const std::filesystem::path& store,
                                 const std::vector<std::string>& paths, const IndexOptions& options,
                                 std::stop_token stop = {});

}  // namespace engram
