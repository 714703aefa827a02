// indexer/semantic/live_commands.h: how an open file is compiled, as LiveUnits asks.
//
// The compile commands are opened at the first question, which may take seconds, and again when
// their database has changed or has come into being.
//
// Threads: one at a time.  Errors: those of opening; kInvalidArgument: no command for the file.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "indexer/commands/compile_commands.h"
#include "indexer/semantic/live_units.h"

namespace engram {

class LiveCommands {
 public:
  using Open = std::function<Result<std::unique_ptr<CompileCommands>>()>;
  explicit LiveCommands(Open open) : open_(std::move(open)) {}

  Result<LiveCommand> of(const std::string& path);

 private:
  bool is_current() const;

  Open open_;
  std::unique_ptr<CompileCommands> commands_;
  std::filesystem::file_time_type time_{};  // of the database
};

}  // namespace engram
