#include "memory/engrams/snapshot.h"

#include <algorithm>
#include <cstring>

#include "memory/facts.h"

namespace engram {

bool is_foreign(std::uint32_t flags) {
  constexpr auto kForeign = static_cast<std::uint32_t>(FileFlag::kVendored) |
                            static_cast<std::uint32_t>(FileFlag::kOtherLicence);
  return (flags & kForeign) != 0;
}

bool in_ranges(std::span<const PositionRange> ranges, std::uint32_t position) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), position,
                       [](std::uint32_t p, const PositionRange& r) { return p < r.begin; });
  return after != ranges.begin() && position < (after - 1)->end;
}

std::size_t EngramSnapshot::ContentHash::operator()(const Sha256& sha) const {
  std::size_t value = 0;
  std::memcpy(&value, sha.bytes.data(), sizeof(value));
  return value;
}

EngramSnapshot::EngramSnapshot(std::span<const std::shared_ptr<const EngramSegment>> segments) {
  for (const auto& segment : segments) parts_.push_back({segment, {}, {}, 0});
  choose_paths();
  choose_contents();
}

void EngramSnapshot::choose_paths() {
  for (const Part& part : parts_) {
    for (const PathRecord& record : part.segment->paths()) {
      last_sequence_ = std::max(last_sequence_, record.sequence);
      const auto [it, is_new] = files_.emplace(part.segment->path_string(record), &record);
      if (!is_new && it->second->sequence < record.sequence) it->second = &record;
    }
  }
}

void EngramSnapshot::choose_contents() {
  std::unordered_map<Sha256, Named, ContentHash> named;
  for_each_file([&](std::string_view path, const PathRecord& record) {
    Named& name = named[Sha256{record.sha256}];
    const bool better = name.paths == 0 || is_foreign(record.flags) < is_foreign(name.flags) ||
                        (is_foreign(record.flags) == is_foreign(name.flags) && path < name.path);
    if (better) {
      name.path = path;
      name.flags = record.flags;
    }
    ++name.paths;
  });
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const auto contents = part.segment->contents();
    part.contents.resize(contents.size());
    for (std::size_t c = 0; c < contents.size(); ++c) {
      const Sha256 sha{contents[c].sha256};
      classes_[sha] |= part.segment->foreign() ? 2u : 1u;
      const auto it = named.find(sha);
      const bool counts = it != named.end() &&
                          is_foreign(it->second.flags) == part.segment->foreign() &&
                          places_.emplace(sha, Place{i, c}).second;
      if (counts) {
        part.contents[c] = it->second;
        part.live_tokens += contents[c].end - contents[c].begin;
      } else if (!part.left_out.empty() && part.left_out.back().end + 1 == contents[c].begin) {
        part.left_out.back().end = contents[c].end;  // across the border between the two
      } else {
        part.left_out.push_back({contents[c].begin, contents[c].end});
      }
    }
  }
}

std::optional<EngramSnapshot::File> EngramSnapshot::file(std::string_view path) const {
  const auto it = files_.find(path);
  if (it == files_.end() || it->second->removed != 0) return std::nullopt;
  return File{Sha256{it->second->sha256}, it->second->flags};
}

bool EngramSnapshot::holds(std::string_view path, const PathRecord& record) const {
  const auto it = files_.find(path);
  return it != files_.end() && it->second == &record;
}

std::optional<EngramSnapshot::Place> EngramSnapshot::find(const Sha256& content) const {
  const auto it = places_.find(content);
  if (it == places_.end()) return std::nullopt;
  return it->second;
}

bool EngramSnapshot::has_tokens(const Sha256& content, bool foreign) const {
  const auto it = classes_.find(content);
  return it != classes_.end() && (it->second & (foreign ? 2u : 1u)) != 0;
}

std::uint64_t EngramSnapshot::live_tokens() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.live_tokens;
  return sum;
}

std::uint64_t EngramSnapshot::file_bytes() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.segment->file_bytes();
  return sum;
}

}  // namespace engram
