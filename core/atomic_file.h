// core/atomic_file.h: whole files in and out.
//
// write_file_atomically: a reader sees the old contents or the new, never half (temporary file in
// the same directory, fsync, rename, fsync of the directory). User files are read, never mapped:
// read_file copies, so that an editor truncating the file cannot fault us.
//
// Threads: pure functions.  Errors: kNotFound, kIo, each naming the path and the system's reason.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

// kInvalidArgument when the file is larger than `max_bytes` or is not a regular file.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes = kNoLimit);

// Keeps the mode of an existing file; a new one gets `mode`.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view contents,
                                   unsigned mode = 0644);

// Makes `path` and its parents; a directory made here gets mode 0700.
Result<void> make_private_directory(const std::filesystem::path& path);

}  // namespace engram
