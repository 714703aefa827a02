// indexer/semantic/comment_changes.h: headers that changed in comments and spaces alone since they
// were read: their facts move to the new contents, and nobody need parse them again.
//
// What a header was is still in the workspace's store for a while (memory/content_text.h); if not,
// or if more has changed, its units are stale as ever. What comments say (documentation) is told
// anew by one unit, which the caller parses. Locals are named by where they stand: until all units
// are parsed again, one that was moved has a symbol of its own for those that tell it anew.
//
// Threads: confined to one thread.  Errors: those of the writer.
#pragma once

#include <filesystem>
#include <vector>

#include "indexer/semantic/unit_freshness.h"

namespace engram {

class CommentChanges {
 public:
  // All outlive this; `known` follows what is moved.
  CommentChanges(std::filesystem::path store, KnownUnits& known, UnitFreshness& freshness,
                 SemanticWriter& writer);

  // Whether any header that the unit read was moved just now: each is, once.
  Result<bool> follow(const KnownUnit& unit);

 private:
  Result<bool> follow(std::uint32_t source);

  const std::filesystem::path store_;
  KnownUnits& known_;
  UnitFreshness& freshness_;
  SemanticWriter& writer_;
  std::vector<std::uint32_t> readers_;  // how many units, by source
  std::vector<bool> looked_at_;
};

}  // namespace engram
