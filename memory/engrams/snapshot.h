// memory/engrams/snapshot.h: the segments of a store at one moment, and which of their contents
// count.
//
// A path is named by several segments when it changed; the largest sequence holds. A content counts
// when a path that holds refers to it: own segments serve contents with at least one path of the
// project's own, foreign ones those whose paths are all vendored or differently licensed. What does
// not count is kept as ranges of positions that lookups leave out, until a merge drops it.
//
// Made from the snapshot before it, only the paths and contents of segments that came or went are
// judged: a saved file costs the same in any repository, copying the tables aside. Where one that
// went had lost bytes, all are judged.
//
// Threads: immutable, thread-safe.  Errors: none, segments were checked when they were opened.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "core/hash.h"
#include "memory/engrams/segment.h"

namespace engram {

struct PositionRange {
  std::uint32_t begin = 0, end = 0;
};
bool in_ranges(std::span<const PositionRange> ranges, std::uint32_t position);  // ascending ranges

class EngramSnapshot {
 public:
  struct Named {  // a content, by the best of its paths: an own one, then the first by name
    std::string_view path;
    std::uint32_t flags = 0;
    std::uint32_t paths = 0;  // how many of that one's class refer to it; 0: it does not count here
  };
  struct Part {
    std::shared_ptr<const EngramSegment> segment;
    std::vector<Named> contents;          // parallel to segment->contents()
    std::vector<PositionRange> left_out;  // ascending
    std::uint64_t live_tokens = 0;        // positions of contents that count
    std::size_t live_contents = 0;
  };
  struct File {
    Sha256 content;
    std::uint32_t flags = 0;
  };

  // `segments` from oldest to newest; `before` may be null.
  explicit EngramSnapshot(std::span<const std::shared_ptr<const EngramSegment>> segments,
                          const EngramSnapshot* before = nullptr);

  std::span<const Part> parts() const { return parts_; }  // as given
  std::optional<File> file(std::string_view path) const;
  // Whether this record is the one that holds for its path.
  bool holds(std::string_view path, const PathRecord& record) const {
    return record_of(path) == &record;
  }
  // Where a content counts: part and index into its contents.
  struct Place {
    std::size_t part = 0, content = 0;
  };
  std::optional<Place> find(const Sha256& content) const;
  // Whether some segment of that class has the tokens, counted or not.
  bool has_tokens(const Sha256& content, bool foreign) const;
  // Every path that is wanted and holds, with its record. Whether one holds is a search in every
  // part: `wanted` is asked first.
  template <class Wanted, class Visit>
  void for_each_file(Wanted wanted, Visit visit) const {
    for (const Part& part : parts_) {
      for (const PathRecord& record : part.segment->paths()) {
        if (record.removed != 0) continue;
        const std::string_view path = part.segment->path_string(record);
        if (wanted(path) && holds(path, record)) visit(path, record);
      }
    }
  }
  std::uint64_t live_tokens() const;
  std::size_t live_contents() const;
  std::uint64_t file_bytes() const;
  std::uint64_t last_sequence() const;

 private:
  const PathRecord* record_of(std::string_view path) const;  // removed ones included
  void judge_all();
  void judge_again(const EngramSnapshot& before);
  void judge(const Sha256& content, std::set<std::size_t>& changed_parts);
  Named name_of(const Sha256& content) const;
  static void add_path(std::string_view path, std::uint32_t flags, Named& name);
  static void sum_up(Part& part);

  std::vector<Part> parts_;
};

}  // namespace engram
