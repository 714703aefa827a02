// core/mapped_file.h: a file's bytes, mapped, that cannot take the process down.
//
// A mapped file that another program truncates (or a disk that fails) raises SIGBUS on access.
// While any MappedFile (read-only) or MappingGuard lives, a handler maps zeros from the fault to
// the file's end and sets damaged(): the reader sees zeros, asks damaged() at the end of its step
// and gives that step up. A SIGBUS outside all of them goes to whoever handled it before.
//
// Threads: immutable, thread-safe.  Errors: kNotFound, kInvalidArgument (not a regular file), kIo.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "core/result.h"

namespace engram {

// The same for a mapping that somebody else made of the file open at `descriptor`, and unmaps after
// this is gone.
class MappingGuard {
 public:
  MappingGuard(std::span<const std::byte> mapping, int descriptor);
  ~MappingGuard();
  MappingGuard(const MappingGuard&) = delete;
  MappingGuard& operator=(const MappingGuard&) = delete;

  // True once a page could not be read, or when the file on disk is now shorter than mapped.
  bool damaged() const;

 private:
  std::size_t bytes_;
  int descriptor_;
  std::size_t slot_;  // in the SIGBUS handler's table
};

class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }
  // Whether this very file lies at `path` now; another one of that name is not it.
  bool is_at(const std::filesystem::path& path) const;

  bool damaged() const { return guard_->damaged(); }

  // How bytes of it are going to be read; what is read is the same.
  //
  // Here and there: a page that is not in memory comes from the disk alone, not with the 128 KB
  // around it, for which a reader would wait several times as long.
  static void expect_scattered_reads(std::span<const std::byte> of);
  // All of them, soon: the disk is asked for them at once, and nobody waits.
  static void read_ahead(std::span<const std::byte> of);

 private:
  MappedFile(std::filesystem::path path, int descriptor, std::span<const std::byte> bytes);

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::span<const std::byte> bytes_;
  std::optional<MappingGuard> guard_;  // always; reset before the mapping goes
};

}  // namespace engram
