// indexer/work_plan.h: the difference between a workspace and its store, in the order of doing.
//
// Same size and mtime: unchanged. Everything else must be read; whether it must be parsed, only
// its contents tell. Own code comes before tests, and those before vendored and generated code:
// a store is queryable while it grows.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/scan/licence.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram {

struct WorkItem {
  FileEntry entry;                    // as scanned: no language, flags of the path only
  std::optional<IndexedFile> before;  // as stored
};

struct WorkPlan {
  std::vector<WorkItem> work;
  std::vector<FileEntry> touched;    // unchanged contents, changed flags
  std::vector<std::string> removed;  // stored, but no longer wanted
  std::uint64_t unchanged = 0;
  std::uint64_t bytes = 0;  // of `work`
};

WorkPlan plan_work(const std::vector<FileEntry>& scanned, std::vector<IndexedFile> stored,
                   const std::vector<std::string>& first, const LicenceMap& licences);

// All flags of a file: those of the path, those its contents earned, and whether its terms differ
// from the workspace's.
std::uint32_t combine_flags(std::uint32_t of_path, std::uint32_t of_contents,
                            const LicenceMap& licences, const FileEntry& entry);

// Is `path` inside the directory?
inline bool lies_in(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace engram
