// bench/index/bare_parse.h: the peers on the same files: tree-sitter alone, and universal-ctags.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace engram {

struct BareParse {
  std::uint64_t files = 0, bytes = 0;
  double cpu_seconds = 0;  // of parsing and freeing the trees; reading is not counted
};

// Runs bare_tree_sitter, which lies beside this program: every file of the workspace that an index
// run parses, in one thread, each tree dropped. nullopt when it cannot be run.
std::optional<BareParse> parse_only(const std::filesystem::path& root);

// Copies every file that an index run parses to the same path under `to`.
void copy_parsed(const std::filesystem::path& root, const std::filesystem::path& to);

// User and system seconds of `ctags -R` over the directory; nullopt when there is no ctags.
std::optional<double> ctags_seconds(const std::filesystem::path& root);

}  // namespace engram
