// indexer/semantic/live_commands.h: how an open file is compiled, as LiveUnits asks.
//
// Of the commands as they are at each question (current_commands.h): opening them may take seconds.
//
// Threads: one at a time.  Errors: those of opening; kInvalidArgument: no command for the file.
#pragma once

#include <string>

#include "indexer/commands/current_commands.h"
#include "indexer/semantic/live_units.h"

namespace engram {

class LiveCommands {
 public:
  explicit LiveCommands(CompileCommandsOptions where) : commands_(std::move(where)) {}

  Result<LiveCommand> of(const std::string& path);
  // With the modules that its text imports.
  Result<LiveCommand> of(const OpenFile& file);

 private:
  CurrentCommands commands_;
};

}  // namespace engram
