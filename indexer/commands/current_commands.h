// indexer/commands/current_commands.h: the compile commands of a workspace as they are now, for a
// program that stays.
//
// They are kept until a file that says which commands there are has changed, or has come or gone:
// the database and those that could take its place, .clangd and compile_flags.txt in the workspace.
// .clangd files and compile_flags.txt further down are read again with the next of those. Where
// there is no database, also until read() finds other files in the workspace.
//
// Threads: one at a time.  Errors: those of CompileCommands::open; there are no commands then, and
// the next read() tries again.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "indexer/commands/compile_commands.h"

namespace engram {

class CurrentCommands {
 public:
  explicit CurrentCommands(CompileCommandsOptions where) : where_(std::move(where)) {}

  // Opens them, which may take seconds, unless they are as they were; true when it did.
  Result<bool> read(std::stop_token stop = {});
  // Whether read() would find others; a few stats.
  bool changed() const { return !commands_ || stamp_ != stamp(); }
  const CompileCommands* get() const { return commands_.get(); }  // as last read

 private:
  std::string stamp() const;
  bool files_differ() const;

  CompileCommandsOptions where_;
  std::unique_ptr<CompileCommands> commands_;
  std::string database_;  // of commands_
  std::string stamp_;
};

}  // namespace engram
