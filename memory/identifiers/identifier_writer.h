// memory/identifiers/identifier_writer.h: the segments of a store's vocabulary, as their one writer
// sees them: adds one, merges, starts anew.
//
// What is published is durable and what no manifest names is deleted. Damage found when opening is
// said and costs all segments: sums without one of them are wrong.
//
// Threads: confined to one thread.  Errors: kBusy another process writes; kIo; kCorrupt a segment
// is found damaged by a merge; kCancelled.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "memory/identifiers/identifier_sync.h"
#include "memory/lease.h"

namespace engram {

class IdentifierWriter {
 public:
  static Result<std::unique_ptr<IdentifierWriter>> open(const std::filesystem::path& store);

  std::set<std::string> counted_contents() const;  // their keys
  Result<void> publish(const IdentifierTables& tables);
  Result<void> start_anew() { return replace_segments({}); }
  Result<bool> merge(const std::stop_token& stop);  // one that is due; false when none is
  void describe(IdentifierReport& report) const;

 private:
  IdentifierWriter(std::filesystem::path directory, WriteLease lease)
      : directory_(std::move(directory)), lease_(std::move(lease)) {}
  Result<void> read();
  Result<std::string> write(const IdentifierTables& tables);
  Result<void> replace_segments(std::vector<std::string> names);
  void remove_left_overs() const;

  std::filesystem::path directory_;
  WriteLease lease_;
  EngramManifest manifest_;
  std::vector<std::shared_ptr<const IdentifierSegment>> segments_;  // parallel to the manifest's
  std::vector<std::string> problems_;
};

}  // namespace engram
