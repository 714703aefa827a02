// indexer/commands/file_beginning.h: the first 64 KB of a file: what a source includes and what a
// build file says stands there.
//
// Threads: pure function.  Errors: none; what is no regular file or cannot be read is empty.
#pragma once

#include <filesystem>
#include <string>

namespace engram {

std::string beginning_of(const std::filesystem::path& file);

}  // namespace engram
