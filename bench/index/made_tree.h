// bench/index/made_tree.h: a tree of many small files, for the cost of finding nothing new.
#pragma once

#include <filesystem>

namespace engram {

// `files` small C++ headers, 50 a directory, with old mtimes.
void make_tree(const std::filesystem::path& root, unsigned files);

}  // namespace engram
