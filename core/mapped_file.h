// core/mapped_file.h: a file's bytes, mapped read-only, that cannot take the process down.
//
// A mapped file that another program truncates (or a disk that fails) raises SIGBUS on access.
// While any MappedFile lives, a handler maps zeros from the fault to the file's end and sets
// damaged(): the reader sees zeros, asks damaged() at the end of its step and gives that step up.
// A SIGBUS outside every MappedFile goes to whoever handled it before.
//
// Threads: immutable, thread-safe.  Errors: kNotFound, kInvalidArgument (not a regular file), kIo.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "core/result.h"

namespace engram {

class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }

  // True once a page could not be read, or when the file on disk is now shorter than mapped.
  bool damaged() const;

 private:
  MappedFile(std::filesystem::path path, int descriptor, std::span<const std::byte> bytes);

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::span<const std::byte> bytes_;
  std::size_t guard_ = 0;  // slot in the SIGBUS handler's table
};

}  // namespace engram
