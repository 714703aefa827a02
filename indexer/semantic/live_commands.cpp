#include "indexer/semantic/live_commands.h"

namespace engram {

namespace fs = std::filesystem;

Result<LiveCommand> LiveCommands::of(const std::string& path) {
  ENGRAM_TRY_VOID(commands_.read());
  std::error_code error;
  const fs::path file = fs::weakly_canonical(path, error);
  std::vector<CompileCommand> commands = commands_.get()->commands_for(file.string());
  if (commands.empty()) {
    return Error{Errc::kInvalidArgument, "no compiler command can be found for " + path};
  }
  return LiveCommand{std::move(commands.front()), commands_.get()->readable_roots()};
}

Result<LiveCommand> LiveCommands::of(const OpenFile& file) {
  ENGRAM_TRY(found, of(file.path));
  commands_.get()->look_for_modules_again();
  found.command.modules = commands_.get()->modules_in(found.command, *file.text);
  return found;
}

}  // namespace engram
