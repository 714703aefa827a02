#include "memory/engrams/opened_segments.h"

#include <algorithm>

namespace engram {
namespace {

namespace fs = std::filesystem;

// What lies under that name now and is open already, whether or not it lost bytes since.
std::shared_ptr<const EngramSegment> find_open(const OpenedSegments& known,
                                               const fs::path& directory, const std::string& name) {
  const auto old = std::ranges::find(known.names, name);
  if (old == known.names.end()) return nullptr;
  const auto& segment = known.segments[static_cast<std::size_t>(old - known.names.begin())];
  return segment->is_at(directory / name) ? segment : nullptr;
}

std::shared_ptr<const EngramSegment> find_known(const OpenedSegments& known,
                                                const fs::path& directory,
                                                const std::string& name) {
  auto segment = find_open(known, directory, name);
  return segment != nullptr && !segment->damaged() ? segment : nullptr;
}

// One that may not have reached the disk whole before the machine failed is read whole, and one
// that lost bytes while it was open: what the disk cannot give is refused once, not found each
// time.
Result<std::shared_ptr<const EngramSegment>> open_segment(const fs::path& directory,
                                                          const std::string& name,
                                                          const EngramManifest& manifest,
                                                          const EngramVocabulary& vocabulary,
                                                          const OpenedSegments& known) {
  ENGRAM_TRY(segment, EngramSegment::open(directory / name, vocabulary));
  if (find_open(known, directory, name) != nullptr ||
      std::ranges::find(manifest.unsynced, name) != manifest.unsynced.end()) {
    ENGRAM_TRY_VOID(segment->verify());
  }
  return segment;
}

}  // namespace

Result<OpenedSegments> open_segments(const fs::path& directory, const EngramVocabulary& vocabulary,
                                     const OpenedSegments& known) {
  // A segment that a writer merged away between our two reads is not missed: the manifest is newer.
  constexpr int kAttempts = 20;
  for (int attempt = 1;; ++attempt) {
    OpenedSegments out;
    ENGRAM_TRY(manifest, read_engram_manifest(directory));
    out.manifest = std::move(manifest);
    bool vanished = false;
    for (const std::string& name : out.manifest.segments) {
      if (auto old = find_known(known, directory, name)) {
        out.segments.push_back(std::move(old));
        out.names.push_back(name);
        continue;
      }
      auto segment = open_segment(directory, name, out.manifest, vocabulary, known);
      if (segment) {
        out.segments.push_back(*std::move(segment));
        out.names.push_back(name);
        continue;
      }
      const Errc why = segment.error().code;
      // What may pass (no memory, no descriptor, no permission) says nothing about the segment.
      if (why != Errc::kCorrupt && why != Errc::kNotFound) return segment.error();
      vanished = vanished || why == Errc::kNotFound;
      out.refused.emplace_back(name, segment.error());
    }
    if (!vanished || attempt == kAttempts) return out;
    const auto again = read_engram_manifest(directory);
    if (again && *again == out.manifest) return out;  // it is really gone
  }
}

bool is_current(const EngramState& state) {
  return std::ranges::all_of(state.opened.names, [&](const std::string& name) {
    return find_known(state.opened, state.directory, name) != nullptr;
  });
}

// Opens what is new in `state` and judges anew what that concerns.
Result<void> bring_up_to_date(EngramState& state, const EngramVocabulary& vocabulary) {
  ENGRAM_TRY(opened, open_segments(state.directory, vocabulary, state.opened));
  const bool same =
      state.snapshot != nullptr && std::ranges::equal(opened.segments, state.snapshot->parts(), {},
                                                      {}, &EngramSnapshot::Part::segment);
  state.opened = std::move(opened);
  if (same) return {};
  state.snapshot =
      std::make_shared<const EngramSnapshot>(state.opened.segments, state.snapshot.get());
  return {};
}

}  // namespace engram
