// memory/engrams/snapshot.h: the segments of a store at one moment, and which of their contents
// count.
//
// A path is named by several segments when it changed; the largest sequence holds. A content counts
// when a path that holds refers to it: own segments serve contents with at least one path of the
// project's own, foreign ones those whose paths are all vendored or differently licensed. What does
// not count is kept as ranges of positions that lookups leave out, until a merge drops it.
//
// Threads: immutable, thread-safe.  Errors: none, segments were checked when they were opened.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/hash.h"
#include "memory/engrams/segment.h"

namespace engram {

// Of FileFlag bits: code that is not the project's own.
bool is_foreign(std::uint32_t flags);

struct PositionRange {
  std::uint32_t begin = 0, end = 0;
};
bool in_ranges(std::span<const PositionRange> ranges, std::uint32_t position);  // ascending ranges

class EngramSnapshot {
 public:
  struct Named {  // a content, by the best of its paths: an own one, then the first by name
    std::string_view path;
    std::uint32_t flags = 0;
    std::uint32_t paths = 0;  // how many refer to it; 0: it does not count here
  };
  struct Part {
    std::shared_ptr<const EngramSegment> segment;
    std::vector<Named> contents;          // parallel to segment->contents()
    std::vector<PositionRange> left_out;  // ascending
    std::uint64_t live_tokens = 0;        // positions of contents that count
  };
  struct File {
    Sha256 content;
    std::uint32_t flags = 0;
  };

  // `segments` from oldest to newest.
  explicit EngramSnapshot(std::span<const std::shared_ptr<const EngramSegment>> segments);

  std::span<const Part> parts() const { return parts_; }  // as given
  std::optional<File> file(std::string_view path) const;
  // Whether this record is the one that holds for its path.
  bool holds(std::string_view path, const PathRecord& record) const;
  // Where a content counts: part and index into its contents.
  struct Place {
    std::size_t part = 0, content = 0;
  };
  std::optional<Place> find(const Sha256& content) const;
  // Whether some segment of that class has the tokens, counted or not.
  bool has_tokens(const Sha256& content, bool foreign) const;
  // Every path that holds, with its record.
  template <class Visit>
  void for_each_file(Visit visit) const {
    for (const auto& [path, record] : files_) {
      if (record->removed == 0) visit(path, *record);
    }
  }
  std::uint64_t live_tokens() const;
  std::size_t live_contents() const { return places_.size(); }
  std::uint64_t file_bytes() const;
  std::uint64_t last_sequence() const { return last_sequence_; }

 private:
  struct ContentHash {
    std::size_t operator()(const Sha256& sha) const;
  };
  void choose_paths();
  void choose_contents();

  std::vector<Part> parts_;
  std::unordered_map<std::string_view, const PathRecord*> files_;  // removed ones included
  std::unordered_map<Sha256, Place, ContentHash> places_;
  std::unordered_map<Sha256, unsigned, ContentHash> classes_;  // 1: in an own segment, 2: foreign
  std::uint64_t last_sequence_ = 0;
};

}  // namespace engram
