#include "indexer/semantic/live_commands.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

fs::file_time_type time_of(const std::string& database) {
  std::error_code error;
  const auto time = fs::last_write_time(database, error);
  return error ? fs::file_time_type() : time;
}

}  // namespace

bool LiveCommands::is_current() const {
  return commands_ != nullptr && !commands_->report().database.empty() &&
         time_of(commands_->report().database) == time_;
}

Result<LiveCommand> LiveCommands::of(const std::string& path) {
  if (!is_current()) {
    ENGRAM_TRY(opened, open_());
    commands_ = std::move(opened);
    time_ = time_of(commands_->report().database);
  }
  std::error_code error;
  const fs::path file = fs::weakly_canonical(path, error);
  std::vector<CompileCommand> commands = commands_->commands_for(file.string());
  if (commands.empty()) {
    return Error{Errc::kInvalidArgument, "no compiler command can be found for " + path};
  }
  return LiveCommand{std::move(commands.front()), commands_->readable_roots()};
}

}  // namespace engram
