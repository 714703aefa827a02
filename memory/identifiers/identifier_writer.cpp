#include "memory/identifiers/identifier_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/atomic_file.h"
#include "memory/engrams/store.h"

namespace engram {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t kMostSegments = 6;
}

Result<std::unique_ptr<IdentifierWriter>> IdentifierWriter::open(const fs::path& store) {
  const fs::path directory = identifier_directory(store);
  ENGRAM_TRY_VOID(make_private_directory(directory));
  ENGRAM_TRY_VOID(refuse_network_file_system(directory));
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  std::unique_ptr<IdentifierWriter> writer(new IdentifierWriter(directory, std::move(lease)));
  ENGRAM_TRY_VOID(writer->read());
  writer->remove_left_overs();
  return writer;
}

std::set<std::string> IdentifierWriter::counted_contents() const {
  std::map<std::string, std::int64_t> sums;
  for (const auto& segment : segments_) {
    for (IdentifierWalk walk(segment->contents()); walk.next();) {
      sums[walk.key()] += walk.counts().uses;
    }
  }
  std::set<std::string> out;
  for (const auto& [key, sum] : sums) {
    if (sum > 0) out.insert(key);
  }
  return out;
}

Result<void> IdentifierWriter::publish(const IdentifierTables& tables) {
  auto names = manifest_.segments;
  ENGRAM_TRY(name, write(tables));
  names.push_back(std::move(name));
  return replace_segments(std::move(names));
}

Result<bool> IdentifierWriter::merge(const std::stop_token& stop) {
  std::vector<std::uint64_t> sizes;
  for (const auto& segment : segments_) sizes.push_back(segment->keys());
  const std::vector<std::uint64_t> none(sizes.size(), 0);
  const auto which = due_merge(sizes, none, kMostSegments);
  if (which.size() < 2) return false;
  std::vector<std::shared_ptr<const IdentifierSegment>> merged;
  std::vector<std::string> names = manifest_.segments;
  for (const std::size_t i : which) {
    ENGRAM_TRY_VOID(segments_[i]->verify());
    merged.push_back(segments_[i]);
    names[i].clear();
  }
  ENGRAM_TRY(tables, merged_identifiers(merged, stop));
  ENGRAM_TRY(name, write(tables));
  std::erase(names, std::string());
  names.push_back(std::move(name));
  ENGRAM_TRY_VOID(replace_segments(std::move(names)));
  return true;
}

void IdentifierWriter::describe(IdentifierReport& report) const {
  report.segments = segments_.size();
  for (const auto& segment : segments_) {
    report.keys += segment->keys();
    report.bytes += segment->bytes();
  }
  report.problems = problems_;
}

Result<void> IdentifierWriter::read() {
  const auto manifest = read_engram_manifest(directory_);
  if (manifest) {
    manifest_ = *manifest;
  } else if (manifest.error().code == Errc::kCorrupt) {
    problems_.push_back(manifest.error().message + "; counting anew");
  } else if (manifest.error().code != Errc::kNotFound) {
    return manifest.error();
  }
  for (const std::string& name : manifest_.segments) {
    auto segment = IdentifierSegment::open(directory_ / name);
    if (segment) {
      segments_.push_back(*std::move(segment));
      continue;
    }
    problems_.push_back(segment.error().message + "; counting anew");
    return start_anew();
  }
  return {};
}

Result<std::string> IdentifierWriter::write(const IdentifierTables& tables) {
  const std::string name = fmt::format("{:06}.seg", manifest_.next);
  const auto sink = make_file_sink(directory_ / name);
  ENGRAM_TRY_VOID(write_identifier_segment(*sink, tables));
  ++manifest_.next;
  return name;
}

Result<void> IdentifierWriter::replace_segments(std::vector<std::string> names) {
  EngramManifest manifest{manifest_.next, std::move(names), {}};
  ENGRAM_TRY_VOID(write_engram_manifest(directory_, manifest));
  std::vector<std::shared_ptr<const IdentifierSegment>> segments;
  for (const std::string& name : manifest.segments) {
    const auto& old = manifest_.segments;
    const auto at = std::find(old.begin(), old.end(), name);
    if (at != old.end()) {
      segments.push_back(segments_[static_cast<std::size_t>(at - old.begin())]);
      continue;
    }
    ENGRAM_TRY(segment, IdentifierSegment::open(directory_ / name));
    segments.push_back(std::move(segment));
  }
  manifest_ = std::move(manifest);
  segments_ = std::move(segments);
  remove_left_overs();  // readers that have one mapped keep it
  return {};
}

void IdentifierWriter::remove_left_overs() const {
  std::error_code ec;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory_, ec)) {
    const std::string name = entry.path().filename().string();
    const auto& named = manifest_.segments;
    if (name.find(".seg") != std::string::npos &&
        std::find(named.begin(), named.end(), name) == named.end()) {
      found.push_back(entry.path());
    }
  }
  for (const fs::path& path : found) fs::remove(path, ec);
}

}  // namespace engram
