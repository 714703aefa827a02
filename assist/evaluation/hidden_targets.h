// assist/evaluation/hidden_targets.h: what a repository has of stretches that are hidden from it.
//
// Of each target: whether its lines stand anywhere else, and how many of its names do, in what is
// left of its own file and in the others, copies of it aside.
//
// Threads: thread-compatible.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assist/evaluation/hidden_places.h"

namespace engram {

struct SourceFile {
  std::string path, language, text;
  bool vendored = false;
};

struct HiddenTarget {
  std::uint32_t file = 0;             // of the sources
  std::size_t cursor = 0, end = 0;    // bytes of it
  std::vector<std::size_t> copies{};  // files that are this one again, in order
};

// A line with fewer bytes, ends trimmed, says nothing.
inline constexpr std::size_t kLeastCodeBytes = 10;

class TargetKnowledge {
 public:
  // Reads all sources once. They outlive this; it can be asked of `targets` alone.
  TargetKnowledge(const std::vector<SourceFile>& sources, HideMode mode,
                  const std::vector<HiddenTarget>& targets);
  // It stands nowhere else; of a block most of its lines.
  bool is_novel(const HiddenTarget& target) const;
  // Of its distinct names, the one it begins within as a whole: those that stand elsewhere.
  std::size_t names_known(const HiddenTarget& target) const;

 private:
  struct Line {
    std::uint32_t file = 0;
    std::size_t begin = 0;
  };
  bool line_is_novel(std::string_view line, const HiddenTarget& target) const;

  const std::vector<SourceFile>& sources_;
  const HideMode mode_;
  // By hash, of the targets alone: where a trimmed line stands, and in which files a name.
  std::unordered_map<std::uint64_t, std::vector<Line>> places_of_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> files_of_;
};

}  // namespace engram
