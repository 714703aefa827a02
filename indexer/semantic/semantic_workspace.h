// indexer/semantic/semantic_workspace.h: the semantic tier of one workspace from run to run, for a
// program that stays (the language server).
//
// Between runs it keeps the compile commands (current_commands.h) and the hashes of files. A
// workspace without a compile database has nothing to do, until one appears.
//
// Threads: confined to one thread at a time; `options`' functions as in semantic_index.h.
// Errors: kNotFound the worker program is not there; kBusy, kIo, kCancelled as index_units; those
// of a database that the user named.
#pragma once

#include <stop_token>
#include <string>

#include "indexer/commands/current_commands.h"
#include "indexer/semantic/semantic_index.h"

namespace engram {

class SemanticWorkspace {
 public:
  explicit SemanticWorkspace(CompileCommandsOptions where) : commands_(std::move(where)) {}

  // index_units() with the commands of now; the notes of a run over all say what is wrong with the
  // database, once.
  Result<SemanticIndexReport> update(SemanticIndexOptions options, std::stop_token stop = {});
  // Whether a run would read other commands than the last one did; a few stats.
  bool commands_changed() const { return commands_.changed(); }
  const CompileCommands* commands() const { return commands_.get(); }  // of the last run

 private:
  CurrentCommands commands_;
  std::vector<std::string> notes_;
  FileHashes hashes_;
};

}  // namespace engram
