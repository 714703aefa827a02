// indexer/commands/include_roots.h: the include folders of a file that nobody says how to compile.
//
// Each `#include "a/b.h"` that a file and what it includes write is looked for among the
// workspace's files by its end: of those at DIR/a/b.h the one that fits the includer best is it,
// and DIR is needed. Best is a DIR above the includer, or "include" beside one above; then the one
// that shares most folders with it; then this machine's, where folders are named by machines; then
// the one nearest to the top. What the system has in <> is the system's, and a folder with a
// stdint.h of its own comes after the system's. Conditions are not looked at.
//
// A file's folders depend on what it includes alone, so that an edit elsewhere changes no command.
//
// Threads: confined to one thread.  Errors: none; what cannot be read includes nothing. Files are
// read as they are asked about, each once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace engram {

class IncludeRoots {
 public:
  struct Roots {
    // Relative to the workspace, "" is itself; those that most inclusions need first.
    std::vector<std::string> early;
    std::vector<std::string> late;  // the same, but with names that the system has too
  };

  // `files`: relative, headers among them. `system_folders`: absolute, of headers.
  IncludeRoots(std::filesystem::path workspace, const std::vector<std::string>& files,
               std::vector<std::string> system_folders);
  IncludeRoots(const IncludeRoots&) = delete;  // views into its own strings
  IncludeRoots& operator=(const IncludeRoots&) = delete;

  Roots of(const std::string& file);  // relative

 private:
  using Node = std::uint32_t;
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Inclusion {
    Node target = 0;
    std::uint32_t root = kNone;  // into roots_; kNone: it stands beside the includer
  };
  struct File {
    std::string path;
    bool read = false;
    std::vector<Inclusion> inclusions = {};
  };

  void read(Node node);
  bool resolve(Node includer, std::string_view text, bool quoted, Inclusion& out);
  bool is_system_header(const std::string& name);
  bool shadows_system(std::uint32_t root);
  std::uint32_t number_of_root(std::string_view root);

  std::filesystem::path workspace_;
  std::vector<std::string> system_folders_;
  std::vector<File> files_;
  std::unordered_map<std::string_view, Node> by_path_;
  std::unordered_map<std::string_view, std::vector<Node>> by_name_, by_folder_;
  std::unordered_map<std::string, bool> system_;
  std::vector<std::string> roots_;
  std::vector<signed char> shadowing_;  // by root; -1: not known yet
  std::unordered_map<std::string, std::uint32_t> root_numbers_;
  std::vector<std::uint32_t> seen_;  // by file: the last question it was part of
  std::uint32_t question_ = 0;
};

}  // namespace engram
