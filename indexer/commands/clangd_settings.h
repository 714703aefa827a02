// indexer/commands/clangd_settings.h: what a project's .clangd files say about compile flags.
//
// Read: CompileFlags with Add, Remove, Compiler and CompilationDatabase, and If with PathMatch and
// PathExclude. Their patterns may use '.', '.*', '.+', '\x', '^', '$' and '|'; a fragment with any
// other is left out and said to be, since a hostile expression must not cost minutes. What Add says
// is sifted like every other argument. Source: https://clangd.llvm.org/config.
//
// Threads: immutable after read_clangd_settings.  Errors: none; each fault is a message.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

struct ClangdFragment {
  std::string folder;  // absolute; the fragment is for files below it
  std::vector<std::string> path_match, path_exclude;  // relative to `folder`
  std::vector<std::string> add, remove;
  std::string compiler;
  std::string database;  // absolute folder; empty: not said
};

class ClangdSettings {
 public:
  // Adds to the arguments of one command (compiler first) what holds for `file`, outermost first.
  void apply(const std::string& file, std::vector<std::string>& arguments) const;
  const std::vector<ClangdFragment>& fragments() const { return fragments_; }
  const std::vector<std::string>& messages() const { return messages_; }

 private:
  friend ClangdSettings read_clangd_settings(const std::filesystem::path& workspace,
                                             const std::vector<std::string>& folders);
  void read(const std::filesystem::path& folder);

  std::vector<ClangdFragment> fragments_;
  std::vector<std::string> messages_;
};

// `folders`: those of the workspace that hold a .clangd, relative ("" is the root), parents first.
ClangdSettings read_clangd_settings(const std::filesystem::path& workspace,
                                    const std::vector<std::string>& folders = {""});

// Whether the whole of `text` matches a pattern of that small kind. `known` is set to false when
// the pattern is of another kind.
bool matches_simple_pattern(std::string_view pattern, std::string_view text, bool& known);

}  // namespace engram
