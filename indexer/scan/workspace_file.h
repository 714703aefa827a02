// indexer/scan/workspace_file.h: reading one file of a workspace without leaving it.
//
// No component of the path may be a symbolic link (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS),
// so a directory swapped for a link between scan and read cannot lead outside. Only regular files
// are read; a FIFO or device never blocks us. Files are copied, not mapped.
//
// Threads: thread-safe.  Errors: kNotFound vanished; kInvalidArgument not a regular file, a link,
// or larger than the limit; kIo unreadable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

// The open root directory of a workspace.
class WorkspaceRoot {
 public:
  static Result<WorkspaceRoot> open(const std::filesystem::path& root);
  WorkspaceRoot(WorkspaceRoot&& other) noexcept;
  WorkspaceRoot& operator=(WorkspaceRoot&& other) noexcept;
  ~WorkspaceRoot();

  int fd() const { return fd_; }
  const std::filesystem::path& path() const { return path_; }

  // What one entry is, links not followed.
  struct Status {
    bool is_directory = false, is_regular = false;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
  };
  Result<Status> status(const std::string& relative) const;

  struct Contents {
    std::string text;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;  // of the moment the text was read
  };
  Result<Contents> read(const std::string& relative, std::uint64_t max_bytes) const;

 private:
  WorkspaceRoot(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  int fd_ = -1;
  std::filesystem::path path_;
};

// A descriptor for `relative` below `root_fd`, or -1 with errno. Links anywhere: ELOOP.
int open_beneath(int root_fd, const char* relative, int flags);

}  // namespace engram
