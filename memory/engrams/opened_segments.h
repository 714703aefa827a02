// memory/engrams/opened_segments.h: the segments a manifest names, opened, and the snapshot made of
// them: what a reader or a writer of a memory has at a time.
//
// Threads: an EngramState is confined to one thread at a time.
// Errors: kNotFound no manifest; kCorrupt a damaged one; kIo a segment that cannot be opened just
// now. One that is damaged or gone is left out and named in `refused`.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "memory/engrams/manifest.h"
#include "memory/engrams/snapshot.h"

namespace engram {

// Opened again only where they are new or lost bytes while they were open. Numbers begin again in a
// store that was made anew: a known segment is the file it was opened from, not its name.
struct OpenedSegments {
  EngramManifest manifest;
  std::vector<std::shared_ptr<const EngramSegment>> segments;  // those that could be opened
  std::vector<std::string> names;                              // parallel
  std::vector<std::pair<std::string, Error>> refused;          // damaged or gone: name and why
};
Result<OpenedSegments> open_segments(const std::filesystem::path& directory,
                                     const EngramVocabulary& vocabulary,
                                     const OpenedSegments& known = {});

// What a reader or writer has opened of a memory, to begin the next one with.
struct EngramState {
  std::filesystem::path directory;
  OpenedSegments opened;
  std::shared_ptr<const EngramSnapshot> snapshot;  // of those segments; null at first
};

// Whether its segments still are the files they were opened from, whole.
bool is_current(const EngramState& state);
// Opens what is new and judges anew what that concerns.
Result<void> bring_up_to_date(EngramState& state, const EngramVocabulary& vocabulary);

}  // namespace engram
