// indexer/commands/find_databases.h: where a workspace's compile databases are.
//
// Looked for, best first: the one that .clangd names; the workspace itself; its build folders
// (build*, out*, cmake-build-*, ..., and one level below; CMake presets' binaryDir), the newest
// first; the folders above, as far as they belong to the user and below the home directory. A
// folder outside the workspace that the repository names (preset, .clangd, link) counts only if its
// CMakeCache.txt says that it was made from this workspace.
//
// Threads: pure function.  Errors: none; what is refused or not understood is a message.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace engram {

struct FoundDatabase {
  std::filesystem::path file;    // ".../compile_commands.json"
  std::filesystem::path folder;  // the build folder, links resolved: may be read from
  std::string reason;            // "build folder", "preset 'release'", ...
};

struct DatabaseSearch {
  std::vector<FoundDatabase> found;  // best first
  std::vector<std::string> messages;
};

// `named_by_clangd`: folders, from ClangdSettings. `home`: the user's; not looked in, nor above.
DatabaseSearch find_compile_databases(const std::filesystem::path& workspace,
                                      const std::vector<std::string>& named_by_clangd,
                                      const std::filesystem::path& home);

// binaryDir of every configure preset with its name, as far as it can be told; hidden ones aside.
std::vector<std::pair<std::string, std::filesystem::path>> preset_build_folders(
    const std::filesystem::path& workspace, std::vector<std::string>& messages);

}  // namespace engram
