// memory/identifiers/identifier_sync.h: keeps a store's vocabulary in step with its catalogue.
//
// The contents that were counted are on record in the segments; those that the catalogue has files
// of now and that were not counted are added, those that no file has any more are taken away by the
// facts the catalogue still has of them. A change costs one small segment, merged like an LSM tree.
// Where the catalogue has already forgotten what is to be taken away, or a segment is damaged, all
// is counted anew.
//
// Threads: blocks its caller; one sync per store at a time (a lease; kBusy otherwise).
// Errors: those of the catalogue; kBusy; kIo; kCancelled (what was published stays and is right).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "memory/identifiers/identifiers.h"

namespace engram {

struct IdentifierSyncOptions {
  std::size_t batch_keys = std::size_t{1} << 21;  // distinct names held in memory at a time
  std::function<void()> may_proceed{};            // now and then; may block
};

struct IdentifierReport {
  std::uint64_t counted = 0, taken_away = 0;  // contents
  bool anew = false;
  std::uint64_t keys = 0, bytes = 0, segments = 0;
  std::vector<std::string> problems;
  double seconds = 0;
};

Result<IdentifierReport> sync_identifiers(const std::filesystem::path& store,
                                          const IdentifierSyncOptions& options = {},
                                          std::stop_token stop = {});

// One segment's tables from several; what sums to nothing is dropped. kCancelled.
Result<IdentifierTables> merged_identifiers(
    std::span<const std::shared_ptr<const IdentifierSegment>> segments, std::stop_token stop = {});

}  // namespace engram
