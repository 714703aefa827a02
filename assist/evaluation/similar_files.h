// assist/evaluation/similar_files.h: which files of a repository are copies of each other.
//
// Two files are similar by the share of lines they have in common: of their distinct lines, blank
// ones and indentation aside, those in both over those of the larger one.
//
// Threads: thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace engram {

class SimilarFiles {
 public:
  static constexpr double kCopy = 0.8;  // from here on it is a copy

  // Files are numbered in the order they are added.
  void add(std::string_view text);
  // Copies of each of these files, itself left out, in order. One pass over all files: ask for many
  // at once.
  std::vector<std::vector<std::size_t>> copies_of(std::span<const std::size_t> files) const;

 private:
  std::vector<std::vector<std::uint64_t>> lines_;  // hashes, distinct, of each file
};

}  // namespace engram
