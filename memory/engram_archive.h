// memory/engram_archive.h: the engram memories and the compiler's facts of a store as the tail of
// an archive, and back.
//
//   entries = { name length:u32 name size:u64 bytes }      little-endian
//
// Names are "<16 hex digits>/manifest", ".../vocabulary", ".../000017.seg" and
// "semantic/semantic.db", nothing else, so that nothing can be unpacked elsewhere. Private to
// memory/; archive.cpp has what comes before.
//
// Threads: confined to one thread.  Errors: kCorrupt saying why; kBusy another process writes a
// memory; kIo.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "memory/lease.h"

namespace engram {

// Appends every sound memory; one that is written meanwhile as it was at one moment.
Result<void> append_engram_entries(const std::filesystem::path& store, std::FILE* out);
// Appends the compiler's facts, if there are any; through a copy at `scratch`, which the caller
// deletes.
Result<void> append_semantic_entry(const std::filesystem::path& store,
                                   const std::filesystem::path& scratch, std::FILE* out);

class UnpackedEngrams {
 public:
  // Reads entries from `in` to its end into a directory beside the store's, checks all of them
  // (checksums included) and takes the leases of the memories they will replace.
  static Result<UnpackedEngrams> read(std::FILE* in, const std::filesystem::path& store);
  UnpackedEngrams(UnpackedEngrams&& other) noexcept;
  UnpackedEngrams& operator=(UnpackedEngrams&&) = delete;
  ~UnpackedEngrams();

  // A reader sees a memory's old segments or the new ones.
  Result<void> publish();

 private:
  explicit UnpackedEngrams(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<void> read_entries(std::FILE* in);
  Result<void> check(const std::filesystem::path& store);
  Result<void> check_semantic();
  Result<void> publish_one(const std::filesystem::path& from, const std::filesystem::path& to);

  std::filesystem::path directory_;  // temporary
  std::vector<std::string> names_;   // of the memories
  std::filesystem::path store_, target_;
  bool semantic_ = false;  // there are compiler's facts among them
  std::vector<WriteLease> leases_;
};

}  // namespace engram
