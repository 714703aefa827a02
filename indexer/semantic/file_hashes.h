// indexer/semantic/file_hashes.h: contents of files by hash, computed again only when a file's
// size, times or inode say that it may be another one.
//
// Kept from run to run: to find what a save has changed then costs a stat for each file that any
// unit read. A file that was written in the last second is hashed again the next time, since its
// times may not show the next write.
//
// Threads: confined to one thread at a time.  Errors: none; what cannot be read has no hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/hash.h"

namespace engram {

struct HashedFile {
  Sha256 content;
  std::uint64_t size = 0;
};

class FileHashes {
 public:
  // `path`: absolute; nullopt: no regular file, or it cannot be read.
  std::optional<HashedFile> of(const std::string& path);

 private:
  struct Stamp {
    std::uint64_t size = 0, inode = 0, device = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Known {
    Stamp stamp;
    HashedFile file;
  };
  std::unordered_map<std::string, Known> known_;
};

}  // namespace engram
