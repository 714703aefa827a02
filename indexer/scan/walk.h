// indexer/scan/walk.h: the walk behind scan_workspace and the watcher.
//
// Visits directories breadth first without following links, applies the rules of every ignore
// file on the way, and files each entry under `files` or `skipped`. Work trees of submodules are
// walked by their own rules. Internal to indexer/scan.
//
// Threads: confined to one thread.  Errors: kCancelled.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/scan/git_workspace.h"
#include "indexer/scan/ignore_file.h"
#include "indexer/scan/scanner.h"
#include "indexer/scan/workspace_file.h"

struct stat;

namespace engram {

class WorkspaceWalk {
 public:
  WorkspaceWalk(const WorkspaceRoot& root, const ScanOptions& options, ScanResult& result);

  // Called for every directory that is entered, with its path ("" or "a/b/"), before what is in it
  // is visited: what comes into being during the call is still found.
  std::function<void(const std::string&)> on_directory;

  Result<void> run(std::stop_token stop);
  // Only these paths and what lies below them; parents are judged first.
  Result<void> run(const std::vector<std::string>& paths, std::stop_token stop);

 private:
  struct Tree {               // the workspace itself, or a submodule's work tree
    std::string prefix;       // "" or "lib/zlib/"
    std::uint32_t flags = 0;  // for every file in it
    bool is_git = false;
    GitWorkspace git;
    std::vector<bool> seen;  // parallel to git.tracked
  };
  struct Directory {
    std::shared_ptr<Tree> tree;
    std::string path;  // in the workspace: "" or "a/b/"
    std::shared_ptr<const IgnoreScope> scope;
    std::uint64_t device = 0;
  };
  struct Entry {
    std::string name;
    unsigned char type;
  };

  std::shared_ptr<Tree> open_tree(std::string prefix, std::uint32_t flags);
  Directory top_of(const std::shared_ptr<Tree>& tree) const;
  Result<void> drain(std::stop_token stop);
  void visit(Directory directory);
  // Opens and reads a directory and adds its own rules; -1 when it is to be left out.
  int enter(Directory& directory, std::vector<Entry>& entries);
  void visit_entry(const Directory& directory, int fd, const Entry& entry);
  void visit_subdirectory(const Directory& directory, const std::string& path);
  void visit_file(const Directory& directory, const std::string& path, const struct stat& status);
  void visit_path(const std::shared_ptr<Tree>& top, const std::string& path);
  void visit_tracked(const std::shared_ptr<Tree>& tree, const std::string& in_tree);

  bool is_nested_repository(const Directory& directory, const std::vector<Entry>& entries) const;
  bool skip_by_marker(const Directory& directory, const std::vector<Entry>& entries);
  void add_own_rules(Directory& directory, int fd, const std::vector<Entry>& entries) const;
  void skip(std::string path, std::string_view reason, std::string detail);

  const WorkspaceRoot& root_;
  const ScanOptions& options_;
  ScanResult& result_;
  IgnoreFile include_, exclude_;
  std::deque<Directory> queue_;
  std::vector<std::shared_ptr<Tree>> trees_;
  std::map<std::string, std::uint64_t, std::less<>> skipped_by_reason_;
};

}  // namespace engram
