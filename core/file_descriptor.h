// core/file_descriptor.h: owns an open file descriptor (or none: below zero) and closes it; and
// writes to one until all is written.
//
// Threads: a plain value.  Errors: errno, as close(2) and write(2) leave it.
#pragma once

#include <unistd.h>

#include <string_view>
#include <utility>

namespace engram {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }  // false with errno

 private:
  int fd_;
};

bool write_all(int fd, std::string_view data);  // false with errno

}  // namespace engram
