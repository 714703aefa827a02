// indexer/semantic/indexed_files.h: what the syntax tier found that says, or wants to know, how it
// is compiled.
//
// Files of the C family and build files, as the catalogue has them. Sources of others (vendored)
// are read where they are included, but are no units. The order of the sources is by a hash of
// their paths, tests last: any beginning of it is spread evenly over the tree, so that every header
// soon has somebody who read it, and a file that comes or goes moves no other.
//
// Threads: any.  Errors: none; a store that is not there or damaged has no files.
#pragma once

#include <filesystem>
#include <memory>

#include "core/sync.h"
#include "indexer/commands/compile_commands.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram {

WorkspaceFiles indexed_files(const std::filesystem::path& store);

// The same for a program that stays: read again after a commit only, and before the syntax tier has
// been through the tree once, which may take minutes, as a scan finds them.
class WorkspaceFileList {
 public:
  WorkspaceFileList(std::filesystem::path root, std::filesystem::path store, ScanOptions options)
      : root_(std::move(root)), store_(std::move(store)), options_(std::move(options)) {}

  WorkspaceFiles get();

 private:
  bool read_store() ENGRAM_REQUIRES(mutex_);  // false: it has no whole list yet

  const std::filesystem::path root_, store_;
  const ScanOptions options_;
  Mutex mutex_;
  std::unique_ptr<CatalogueReader> reader_ ENGRAM_GUARDED_BY(mutex_);
  std::uint64_t version_ ENGRAM_GUARDED_BY(mutex_) = 0;  // that files_ are of; 0: of none
  bool scanned_ ENGRAM_GUARDED_BY(mutex_) = false;
  WorkspaceFiles files_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
