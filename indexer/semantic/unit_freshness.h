// indexer/semantic/unit_freshness.h: must a translation unit be parsed again?
//
// Not while its command and every file it read are as they were, by hash. A unit that missed
// headers is parsed again, too, once one of them can be found. What is not noticed: a new header
// that hides one that was read, in a folder searched before.
//
// Threads: confined to one thread at a time; a file is looked at once.  Errors: none; what
// cannot be read is not as it was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "indexer/commands/compile_command.h"
#include "indexer/semantic/file_hashes.h"
#include "memory/semantic/semantic_writer.h"

namespace engram {

// Of what the worker is asked; facts of another command, or of other modules imported, are other
// facts.
Sha256 command_hash(const CompileCommand& command);

// Headers that were not found, as they are written.
std::vector<std::string> missing_headers(const UnitFacts& facts);

class UnitFreshness {
 public:
  // `root`: the workspace; stored paths are relative to it. `hashes` may know files from earlier
  // runs; it and `known` outlive this. Of `known`, contents may change but no path.
  UnitFreshness(std::string root, FileHashes& hashes, const KnownUnits& known)
      : root_(std::move(root)), hashes_(hashes), known_(known), now_(known.sources.size()) {}

  bool is_fresh(const CompileCommand& command, const KnownUnit& unit);
  // Of the file as it is now; nullopt: it cannot be read. It stays as long as this.
  const std::optional<UnitFile>& file_now(const std::string& path);
  const std::optional<UnitFile>& file_now(std::uint32_t source);  // of `known`

 private:
  std::string root_;
  FileHashes& hashes_;
  const KnownUnits& known_;
  std::map<std::string, std::optional<UnitFile>> files_;
  std::vector<const std::optional<UnitFile>*> now_;  // by source; nullptr: not looked at
};

// What `reason` of a unit with facts says about the headers it missed.
std::string missing_reason(const std::vector<std::string>& headers);

}  // namespace engram
