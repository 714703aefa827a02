// lsp/directory_watch.h: which files changed in a set of directories, through inotify.
//
// For editors that do not report changed files themselves (Neovim on Linux). Only the directories
// named are watched, those that hold indexed files, and directories made in them later; `.git`
// never. What appears in a new directory is reported by the directory's own path: the receiver
// scans.
//
// Threads: confined to the io thread.  Errors: when the kernel's limit of watches is reached, the
// rest is not watched and limited() says so; an overflow of events reports the root ("").
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lsp/asio_loop.h"

namespace engram::lsp {

class DirectoryWatch {
 public:
  // Workspace-relative paths; "" means: anything may have changed.
  using Changed = std::function<void(const std::vector<std::string>&)>;

  DirectoryWatch(AsioLoop& loop, std::filesystem::path root, Changed changed);
  ~DirectoryWatch();

  // Adds to what is watched; returns those that were not watched before.
  std::vector<std::string> watch(const std::vector<std::string>& directories);
  bool limited() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace engram::lsp
