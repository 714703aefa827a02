// memory/engrams/manifest.h: which segments a memory consists of: one small file, replaced whole.
//
//   engram-memory 1
//   next 7
//   segment 000003.seg
//   segment 000006.seg
//   check 9c1f...        XXH3 of everything above, hex
//
// Segments are listed from oldest to newest. Names are plain file names, so that a manifest cannot
// lead out of its directory.
//
// Threads: pure functions.  Errors: kNotFound no manifest; kCorrupt; kIo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace engram {

struct EngramManifest {
  std::uint64_t next = 1;  // number of the next segment file
  std::vector<std::string> segments;
  friend bool operator==(const EngramManifest&, const EngramManifest&) = default;
};

Result<EngramManifest> read_engram_manifest(const std::filesystem::path& directory);
Result<void> write_engram_manifest(const std::filesystem::path& directory,
                                   const EngramManifest& manifest);

}  // namespace engram
