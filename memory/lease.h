// memory/lease.h: who may write a store: one process at a time.
//
// The lease is an advisory lock (open file description lock) on the file "lease" in the store; the
// file's text names the holder. The kernel drops the lock when its holder dies, so a dead holder's
// lease is nobody's. Readers never take it.
//
// Threads: thread-safe.  Errors: kBusy naming the holder; kIo.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

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

// WAL needs memory shared by all processes, which network file systems do not give: kIo naming
// --store. Must come before the database is opened for writing.
Result<void> refuse_network_file_system(const std::filesystem::path& directory);
// "NFS", "SMB"...; empty for a local one. `type` is the name in /proc/self/mountinfo.
std::string network_file_system_name(long magic, std::string_view type);

}  // namespace engram
