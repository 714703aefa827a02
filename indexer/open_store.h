// indexer/open_store.h: a store opened for a run: writable, of this indexer's making.
//
// A store that is damaged, of another format, or made by another version of the indexer is a cache
// gone stale: it is deleted and built anew, and the run says so.
//
// Threads: as CatalogueWriter.  Errors: kBusy another process writes it; kIo.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram {

struct OpenStore {
  std::unique_ptr<CatalogueWriter> writer;
  std::vector<SkippedFile> skipped;  // as listed by the last run
  std::string problem;               // why it was built anew, or empty
};

// Meta of the catalogue: the commit a whole run ended at, empty without git; absent before the
// first whole run has ended.
inline constexpr const char* kHeadKey = "head";

Result<OpenStore> open_store(const std::filesystem::path& store);

// The scan's settings, with the store itself left out when it lies inside the workspace.
ScanOptions without_store(const std::filesystem::path& root, const std::filesystem::path& store,
                          const ScanOptions& options);

// One list of what is left out: this run's findings first, then the scan's, then what earlier runs
// found out about files that did not change since.
std::vector<SkippedFile> merge_skipped(std::vector<SkippedFile> found,
                                       std::vector<SkippedFile> scanned,
                                       std::vector<SkippedFile> earlier,
                                       const std::unordered_set<std::string_view>& unchanged);

}  // namespace engram
