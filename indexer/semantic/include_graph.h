// indexer/semantic/include_graph.h: which translation units include which files of the workspace,
// as far as their text tells.
//
// For choosing what to parse first, and what of it together, before the compiler has read
// anything: #include lines are resolved beside the file and in the unit's folders, conditions and
// computed names are not looked at. Only files below the workspace are entered, each once, and no
// links.
//
// Threads: confined to one thread at a time.  Errors: none; what cannot be read includes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "indexer/commands/compile_command.h"
#include "indexer/commands/include_names.h"

namespace engram {

// Larger files are generated: their inclusions are not looked for.
inline constexpr std::size_t kMostTextForIncludes = std::size_t{4} << 20;

// The folders an #include of this unit is looked for in, its own first.
std::vector<std::string> include_folders(const CompileCommand& command);

class IncludeGraph {
 public:
  // `root`: the workspace, absolute.
  explicit IncludeGraph(const std::string& root);

  // Reads the unit's file and what it includes, as far as that is new.
  void add_unit(const CompileCommand& command, std::uint32_t number);
  // The same of a file that is no unit; its inclusions are looked for as the unit's are.
  void add_file(const std::string& path, const CompileCommand& as);

  // How many inclusions lie between a unit and `file` (absolute), by number; units that do not
  // include it are not there. 0: its own file.
  std::unordered_map<std::uint32_t, std::uint32_t> units_including(const std::string& file) const;
  // The names in angle brackets that `file`, or what it includes, looks for outside the workspace;
  // sorted.
  std::vector<std::string> names_outside(const std::string& file) const;
  // What the file itself includes, absolute, below the workspace.
  std::vector<std::string> included_by(const std::string& file) const;

 private:
  using Node = std::uint32_t;
  struct File {
    std::string path;
    std::vector<Node> includes, included_by;
    std::vector<std::uint32_t> units;    // whose main file it is
    std::vector<std::uint32_t> outside;  // into outside_
  };
  Node node_of(const std::string& path, bool& is_new);
  void read(Node node, const CompileCommand& command);
  std::string resolve(const std::string& name, bool angled, const std::string& folder,
                      const std::vector<std::string>& folders);
  bool exists(const std::string& path);
  std::uint32_t number_outside(const std::string& name);

  const std::string root_;  // with a slash at its end
  std::vector<File> files_;
  std::unordered_map<std::string, Node> nodes_;
  std::unordered_map<std::string, bool> exists_;
  std::vector<std::string> outside_;
  std::unordered_map<std::string, std::uint32_t> outside_numbers_;
};

}  // namespace engram
