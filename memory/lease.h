// memory/lease.h: who may write a store: one process at a time.
//
// The lease is an advisory lock (open file description lock) on the file "lease" in the store; the
// file's text names the holder. The kernel drops the lock when its holder dies, so a dead holder's
// lease is nobody's. Readers never take it.
//
// Threads: thread-safe.  Errors: kBusy naming the holder; kIo.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace engram {

class WriteLease {
 public:
  static Result<WriteLease> acquire(const std::filesystem::path& directory);
  WriteLease(WriteLease&& other) noexcept;
  WriteLease& operator=(WriteLease&&) = delete;
  ~WriteLease();

 private:
  explicit WriteLease(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// Why a store must not be written at `directory`, or empty: WAL needs memory shared by all
// processes, which network file systems do not give.
std::string network_file_system(const std::filesystem::path& directory);
std::string network_file_system_name(long magic);  // "NFS", ...; empty: local

}  // namespace engram
