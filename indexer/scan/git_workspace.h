// indexer/scan/git_workspace.h: what git knows about a directory: tracked paths, HEAD, ignore
// files outside the tree. The only file that includes libgit2's headers is git_workspace.cpp.
//
// Nothing is executed: libgit2 is asked for the index, HEAD and settings only, never for hooks,
// filters or attributes. Its ownership check (safe.directory) is off, because no program of the
// repository is run and nothing is written. A repository whose settings point its work tree
// elsewhere is not followed there.
//
// Threads: thread-safe (no shared state).  Errors: see open().
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "indexer/scan/ignore_file.h"

namespace engram {

struct GitWorkspace {
  std::filesystem::path work_tree;      // of the repository; the scanned root is it or below it
  std::string prefix;                   // the scanned root inside it: "" or "a/b/"
  std::vector<std::string> tracked;     // sorted, relative to the scanned root, files only
  std::vector<std::string> submodules;  // sorted, relative to the scanned root
  bool index_readable = true;           // false: every file counts as untracked
  std::string index_problem;
  bool ignore_case = false;
  std::string head;  // commit id, or empty (no commit yet, or broken)

  // Rules from outside the scanned root, weakest first: the user's core.excludesFile,
  // $GIT_DIR/info/exclude, the .gitignore files of directories above the root.
  std::shared_ptr<const IgnoreScope> outer_scope;
};

enum class GitState { kNone, kOpened, kBroken, kBare };

struct GitProbe {
  GitState state = GitState::kNone;
  std::string problem;  // kBroken: what libgit2 said
  GitWorkspace workspace;
};

// Looks for a work tree at `root` or above it.
GitProbe probe_git(const std::filesystem::path& root);

}  // namespace engram
