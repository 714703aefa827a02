// memory/engrams/manifest.h: which segments a memory consists of: one small file, replaced whole.
//
//   engram-memory 1
//   next 7
//   segment 000003.seg
//   unsynced 000006.seg   published before it was synced: read whole before it is trusted
//   check 9c1f...        XXH3 of everything above, hex
//
// Segments, synced or not, are listed from oldest to newest. Names are plain file names, so that a
// manifest cannot lead out of its directory.
//
// A manifest replaced without waiting for the disk (kLater) may be torn where the machine fails.
// The last one that was waited for, a manifest without `unsynced`, stays beside it until the next
// one that is, as kDurableManifest, and is read where the newer one is damaged.
//
// Threads: pure functions.  Errors: kNotFound no manifest; kCorrupt; kIo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/engrams/byte_sink.h"

namespace engram {

// Another length than the temporary names beside it, which end in six letters.
inline constexpr std::string_view kDurableManifest = "manifest.durable";

struct EngramManifest {
  std::uint64_t next = 1;  // number of the next segment file
  std::vector<std::string> segments;
  std::vector<std::string> unsynced;  // those of them
  friend bool operator==(const EngramManifest&, const EngramManifest&) = default;
};

Result<EngramManifest> read_engram_manifest(const std::filesystem::path& directory);
Result<void> write_engram_manifest(const std::filesystem::path& directory,
                                   const EngramManifest& manifest,
                                   Durability durability = Durability::kNow);

}  // namespace engram
