// assist/evaluation/similar_files.h: which files of a repository are copies of each other.
//
// Two files are similar by the share of lines they have in common: of their distinct lines, blank
// ones and indentation aside, those in both over those of the larger one.
//
// Threads: thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace engram {

class SimilarFiles {
 public:
  static constexpr double kCopy = 0.8;  // from here on it is a copy

  // Files are numbered in the order they are added.
  void add(std::string_view text);
  // Copies of file `i`, itself left out, in order.
  std::vector<std::size_t> copies_of(std::size_t i) const;

 private:
  std::vector<std::vector<std::uint64_t>> lines_;  // distinct, of each file
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> files_with_;
};

}  // namespace engram
