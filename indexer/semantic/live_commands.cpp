#include "indexer/semantic/live_commands.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::string real_path(const std::string& path) {
  std::error_code error;
  return fs::weakly_canonical(path, error).string();
}

Error no_command(const std::string& path) {
  return {Errc::kInvalidArgument, "no compiler command can be found for " + path};
}

}  // namespace

Result<LiveCommand> LiveCommands::of(const std::string& path) {
  ENGRAM_TRY_VOID(commands_.read());
  std::vector<CompileCommand> commands = commands_.get()->commands_for(real_path(path));
  if (commands.empty()) return no_command(path);
  return LiveCommand{std::move(commands.front()), commands_.get()->readable_roots()};
}

Result<LiveCommand> LiveCommands::of(const OpenFile& file) {
  ENGRAM_TRY_VOID(commands_.read());
  commands_.get()->look_for_modules_again();
  auto command = commands_.get()->command_of_text(real_path(file.path), *file.text);
  if (!command) return no_command(file.path);
  return LiveCommand{*std::move(command), commands_.get()->readable_roots()};
}

}  // namespace engram
