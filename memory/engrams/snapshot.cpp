#include "memory/engrams/snapshot.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "memory/facts.h"

namespace engram {

bool in_ranges(std::span<const PositionRange> ranges, std::uint32_t position) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), position,
                       [](std::uint32_t p, const PositionRange& r) { return p < r.begin; });
  return after != ranges.begin() && position < (after - 1)->end;
}

namespace {

bool has(std::span<const EngramSnapshot::Part> parts, const EngramSegment* segment) {
  return std::ranges::any_of(parts, [&](const auto& p) { return p.segment.get() == segment; });
}

struct ContentHash {
  std::size_t operator()(const Sha256& sha) const {
    std::size_t value = 0;
    std::memcpy(&value, sha.bytes.data(), sizeof(value));
    return value;
  }
};

}  // namespace

EngramSnapshot::EngramSnapshot(std::span<const std::shared_ptr<const EngramSegment>> segments,
                               const EngramSnapshot* before) {
  std::size_t all = 0, kept = 0;
  for (const auto& segment : segments) {
    Part part{segment, {}, {}, 0, 0};
    all += segment->paths().size();
    for (const Part& old : before == nullptr ? std::span<const Part>() : before->parts()) {
      if (old.segment != segment) continue;
      part = old;
      kept += segment->paths().size();
    }
    part.contents.resize(segment->contents().size());
    parts_.push_back(std::move(part));
  }
  if (kept * 2 < all || before == nullptr) {
    judge_all();
  } else {
    judge_again(*before);
    // The paths of a segment that was truncated cannot be read any more, so what they named keeps
    // names that go with it. Asked afterwards: it may have been truncated meanwhile.
    const bool unreadable = std::ranges::any_of(before->parts(), [&](const Part& old) {
      return !has(parts_, old.segment.get()) && old.segment->damaged();
    });
    if (unreadable) judge_all();
  }
}

void EngramSnapshot::add_path(std::string_view path, std::uint32_t flags, Named& name) {
  if (name.paths == 0 || is_foreign(flags) < is_foreign(name.flags)) {
    name = {path, flags, 1};
  } else if (is_foreign(flags) == is_foreign(name.flags)) {
    if (path < name.path) name = {path, flags, name.paths};
    ++name.paths;
  }
}

void EngramSnapshot::judge_all() {
  std::unordered_map<std::string_view, const PathRecord*> files;
  for (const Part& part : parts_) {
    for (const PathRecord& record : part.segment->paths()) {
      const auto [it, is_new] = files.emplace(part.segment->path_string(record), &record);
      if (!is_new && it->second->sequence < record.sequence) it->second = &record;
    }
  }
  std::unordered_map<Sha256, Named, ContentHash> named;
  for (const auto& [path, record] : files) {
    if (record->removed == 0) add_path(path, record->flags, named[Sha256{record->sha256}]);
  }
  std::unordered_set<Sha256, ContentHash> counted;
  for (Part& part : parts_) {
    for (std::size_t c = 0; c < part.contents.size(); ++c) {
      const Sha256 sha{part.segment->contents()[c].sha256};
      const auto it = named.find(sha);
      const bool counts = it != named.end() &&
                          is_foreign(it->second.flags) == part.segment->foreign() &&
                          counted.insert(sha).second;
      part.contents[c] = counts ? it->second : Named{};
    }
    sum_up(part);
  }
}

// Of the paths and contents of segments that came or went, and of what those paths named.
void EngramSnapshot::judge_again(const EngramSnapshot& before) {
  std::unordered_set<Sha256, ContentHash> contents;
  const auto look_at = [&](const EngramSegment& segment) {
    for (const ContentRecord& c : segment.contents()) contents.insert(Sha256{c.sha256});
    for (const PathRecord& p : segment.paths()) {
      const std::string_view path = segment.path_string(p);
      if (const PathRecord* r = before.record_of(path)) contents.insert(Sha256{r->sha256});
      if (const PathRecord* r = record_of(path)) contents.insert(Sha256{r->sha256});
    }
  };
  std::set<std::size_t> changed;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (has(before.parts(), parts_[i].segment.get())) continue;
    look_at(*parts_[i].segment);
    changed.insert(i);
  }
  for (const Part& old : before.parts()) {
    if (!has(parts_, old.segment.get())) look_at(*old.segment);
  }
  for (const Sha256& content : contents) judge(content, changed);
  for (const std::size_t i : changed) sum_up(parts_[i]);
}

// Decides anew in which part a content counts, and under which name.
void EngramSnapshot::judge(const Sha256& content, std::set<std::size_t>& changed_parts) {
  const Named name = name_of(content);
  bool counted = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::size_t c = parts_[i].segment->find_content(content);
    if (c == parts_[i].contents.size()) continue;
    const bool counts =
        !counted && name.paths > 0 && is_foreign(name.flags) == parts_[i].segment->foreign();
    counted = counted || counts;
    if (counts != (parts_[i].contents[c].paths > 0)) changed_parts.insert(i);
    parts_[i].contents[c] = counts ? name : Named{};
  }
}

EngramSnapshot::Named EngramSnapshot::name_of(const Sha256& content) const {
  Named name;
  for (const Part& part : parts_) {
    for (const std::uint32_t i : part.segment->paths_with(content)) {
      const PathRecord& record = part.segment->paths()[i];
      const std::string_view path = part.segment->path_string(record);
      if (record.removed == 0 && holds(path, record)) add_path(path, record.flags, name);
    }
  }
  return name;
}

void EngramSnapshot::sum_up(Part& part) {
  const auto records = part.segment->contents();
  part.left_out.clear();
  part.live_tokens = part.live_contents = 0;
  for (std::size_t c = 0; c < records.size(); ++c) {
    if (part.contents[c].paths > 0) {
      part.live_tokens += records[c].end - records[c].begin;
      ++part.live_contents;
    } else if (!part.left_out.empty() && part.left_out.back().end + 1 == records[c].begin) {
      part.left_out.back().end = records[c].end;  // across the border between the two
    } else {
      part.left_out.push_back({records[c].begin, records[c].end});
    }
  }
}

const PathRecord* EngramSnapshot::record_of(std::string_view path) const {
  const PathRecord* out = nullptr;
  for (const Part& part : parts_) {
    const PathRecord* record = part.segment->find_path(path);
    if (record != nullptr && (out == nullptr || out->sequence < record->sequence)) out = record;
  }
  return out;
}

std::optional<EngramSnapshot::File> EngramSnapshot::file(std::string_view path) const {
  const PathRecord* record = record_of(path);
  if (record == nullptr || record->removed != 0) return std::nullopt;
  return File{Sha256{record->sha256}, record->flags};
}

std::optional<EngramSnapshot::Place> EngramSnapshot::find(const Sha256& content) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::size_t c = parts_[i].segment->find_content(content);
    if (c < parts_[i].contents.size() && parts_[i].contents[c].paths > 0) return Place{i, c};
  }
  return std::nullopt;
}

bool EngramSnapshot::has_tokens(const Sha256& content, bool foreign) const {
  return std::ranges::any_of(parts_, [&](const Part& part) {
    return part.segment->foreign() == foreign &&
           part.segment->find_content(content) < part.contents.size();
  });
}

std::uint64_t EngramSnapshot::live_tokens() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.live_tokens;
  return sum;
}

std::size_t EngramSnapshot::live_contents() const {
  std::size_t sum = 0;
  for (const Part& part : parts_) sum += part.live_contents;
  return sum;
}

std::uint64_t EngramSnapshot::file_bytes() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.segment->file_bytes();
  return sum;
}

std::uint64_t EngramSnapshot::last_sequence() const {
  std::uint64_t last = 0;
  for (const Part& part : parts_) last = std::max(last, part.segment->last_sequence());
  return last;
}

}  // namespace engram
