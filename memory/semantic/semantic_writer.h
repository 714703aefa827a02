// memory/semantic/semantic_writer.h: keeps what Clang said about each translation unit.
//
// A unit is known by its main file and the hash of its command. What it told replaces what it told
// before; facts go when the last unit that told them is gone. A unit without facts (failed,
// quarantined) is kept with its reason and the files it was to be made of, so that it is not tried
// again while those are as they were.
//
// The store is the folder `semantic` of the workspace's store: its own database, its own lease. It
// is a cache: when it is damaged or of another version, discard() it and index again.
//
// Threads: confined to one thread at a time.  Errors: kBusy another process writes; kCorrupt; kIo.
// After an error nothing since the last commit is kept and every later call fails: open anew.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

// A unit as the store knows it, and what it was made of.
struct KnownUnit {
  SemanticUnit unit;
  std::vector<std::uint32_t> inputs;  // of KnownUnits::sources
};

struct KnownUnits {
  std::vector<SemanticSource> sources;
  std::vector<KnownUnit> units;
};

struct SemanticWriterOptions {
  // So many new symbols, and a quarter more than there were, and those that nothing mentions any
  // more are looked for, to give their numbers out again.
  std::size_t sweep_after = 4096;
};

class SemanticWriter {
 public:
  // `workspace`: absolute, links resolved; paths of facts below it are kept relative.
  static Result<std::unique_ptr<SemanticWriter>> open(const std::filesystem::path& store,
                                                      const std::filesystem::path& workspace,
                                                      const SemanticWriterOptions& options = {});
  virtual ~SemanticWriter() = default;

  virtual KnownUnits known() const = 0;
  // The views that units other than these (file, command) tell or rely on, each once; paths as in
  // `known`. Only of files that these have read before, unless one of them is new: a header that
  // one includes now is told once more.
  virtual Result<std::vector<HeldView>> views_without(
      const std::set<std::pair<std::string, Sha256>>& units) = 0;
  // Whether all that the facts call told elsewhere is here.
  virtual Result<bool> has_views(const UnitFacts& facts) = 0;
  // `facts` of a unit without: only its files, as far as they are known. Files without a hash are
  // no inputs. Views that the facts call told elsewhere must be here (has_views), else kCorrupt;
  // what was told of them stays as long as one unit tells or relies on it.
  virtual Result<void> put_unit(const SemanticUnit& unit, const UnitFacts& facts) = 0;
  virtual Result<void> drop_unit(std::string_view file, const Sha256& command) = 0;
  // What was told of `from` holds of `to`, other contents of that path, at the places of `place`,
  // which keeps order: units that read the one have read the other. False, and nothing is done,
  // where that cannot be. Committed at once.
  virtual Result<bool> move_source(const SemanticSource& from, const SemanticSource& to,
                                   const std::function<std::uint32_t(std::uint32_t)>& place) = 0;
  // All since the last commit, visible to readers and durable afterwards.
  virtual Result<void> commit() = 0;
};

// Deletes the semantic store's own files. kBusy when another process writes it.
Result<void> discard_semantic_store(const std::filesystem::path& store);

}  // namespace engram
