// indexer/scan/path_class.h: what a path's name alone says: vendored, test, secret, not source.
//
// Names are evidence, not proof: a vendored or test file is only flagged; a file named like a
// credential is left out; a directory is left out only when its name or a marker inside it says
// that a program wrote it (node_modules, a CMake build tree, CACHEDIR.TAG).
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace engram {

std::uint32_t flags_of_path(std::string_view path);  // FileFlag bits: kVendored, kTest, kGenerated

// Why a file with this name must not enter the memory, or empty.
std::string_view secret_by_name(std::string_view path);

// A format that is never text (images, archives, object files), by its extension.
bool binary_by_name(std::string_view path);

struct DirectoryVerdict {
  std::string_view reason;  // "version_control", "dependencies", "cache", or empty: look inside
  std::string_view detail;
};
DirectoryVerdict judge_directory_name(std::string_view name);
// The directory contains an entry of this name: is it a tree some program built?
DirectoryVerdict judge_directory_marker(std::string_view entry);

}  // namespace engram
