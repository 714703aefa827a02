// indexer/commands/path_policy.h: which folders a compile command may make Clang read from.
//
// A compile database is written by whoever wrote the repository: "-I/home/you/.ssh -include
// id_ed25519" must not put a key into the memory. Allowed are the workspace, its build folders, the
// toolchains' include folders and roots that the user approved; links are followed before the
// answer is given.
//
// Threads: confined to one thread (answers are remembered).  Errors: none; what cannot be resolved
// is judged by the part of it that can.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace engram {

class PathPolicy {
 public:
  PathPolicy() = default;  // allows nothing
  explicit PathPolicy(const std::vector<std::filesystem::path>& roots);

  void add_root(const std::filesystem::path& root);
  // `path`: absolute. True when it lies, links resolved, in or at one of the roots.
  bool allows(const std::string& path) const { return admit(path).has_value(); }
  // The same, and how to write the path: without "." and, where no link stands before one, "..".
  std::optional<std::string> admit(const std::string& path) const;
  const std::vector<std::string>& roots() const { return roots_; }

 private:
  std::vector<std::string> roots_;  // resolved, without a trailing '/'
  mutable std::unordered_map<std::string, std::optional<std::string>> known_;
};

// Whether `path` is `folder` or lies below it; both normalised. Purely lexical.
bool is_within(std::string_view path, std::string_view folder);

}  // namespace engram
