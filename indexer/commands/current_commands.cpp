#include "indexer/commands/current_commands.h"

#include <sys/stat.h>

#include <utility>

namespace engram {

namespace fs = std::filesystem;

namespace {

void append_stamp(std::string& out, const fs::path& path) {
  struct stat status{};
  out += path.string();
  if (::stat(path.c_str(), &status) == 0) {
    for (const std::int64_t number :
         {std::int64_t{status.st_size}, std::int64_t{status.st_mtim.tv_sec},
          std::int64_t{status.st_mtim.tv_nsec}, static_cast<std::int64_t>(status.st_ino)}) {
      out += ' ' + std::to_string(number);
    }
  }
  out += '\n';
}

}  // namespace

std::string CurrentCommands::stamp() const {
  std::string out;
  if (!where_.database.empty()) {
    append_stamp(out, where_.database);
    append_stamp(out, where_.database / "compile_commands.json");
  } else {
    std::error_code ec;
    const fs::path root = fs::weakly_canonical(where_.workspace, ec);
    for (const FoundDatabase& found : find_compile_databases(root, {}, where_.home).found) {
      append_stamp(out, found.file);
    }
  }
  if (!database_.empty()) append_stamp(out, database_);
  for (const char* name : {".clangd", "compile_flags.txt"}) {
    append_stamp(out, where_.workspace / name);
  }
  return out;
}

// A guess is made of the workspace's files.
bool CurrentCommands::files_differ() const {
  return where_.list_files && commands_->report().database.empty() &&
         where_.list_files() != commands_->workspace_files();
}

Result<bool> CurrentCommands::read(std::stop_token stop) {
  std::string now = stamp();  // before: what changes meanwhile is seen the next time
  if (commands_ && now == stamp_ && !files_differ()) return false;
  commands_.reset();
  ENGRAM_TRY(commands, CompileCommands::open(where_, std::move(stop)));
  commands_ = std::move(commands);
  const std::string& database = commands_->report().database;
  stamp_ = std::exchange(database_, database) == database ? std::move(now) : stamp();
  return true;
}

}  // namespace engram
