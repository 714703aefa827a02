#include "assist/evaluation/similar_files.h"

#include <algorithm>
#include <unordered_map>

#include "assist/completion/line_view.h"
#include "core/hash.h"

namespace engram {

void SimilarFiles::add(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  for (const auto line : split_lines(text)) {
    if (const auto code = trimmed(line); !code.empty()) hashes.push_back(xxh3(code));
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  lines_.emplace_back(hashes.begin(), hashes.end());  // no larger than it must be
}

std::vector<std::vector<std::size_t>> SimilarFiles::copies_of(
    std::span<const std::size_t> files) const {
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> asked_with;  // indexes into `files`
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    for (const std::uint64_t hash : lines_[files[i]]) asked_with[hash].push_back(i);
  }
  std::vector<std::vector<std::size_t>> copies(files.size());
  std::vector<std::size_t> shared(files.size());
  for (std::size_t other = 0; other < lines_.size(); ++other) {
    std::fill(shared.begin(), shared.end(), 0);
    for (const std::uint64_t hash : lines_[other]) {
      const auto found = asked_with.find(hash);
      if (found == asked_with.end()) continue;
      for (const std::uint32_t i : found->second) ++shared[i];
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::size_t larger = std::max(lines_[files[i]].size(), lines_[other].size());
      const bool same = static_cast<double>(shared[i]) >= kCopy * static_cast<double>(larger);
      if (other != files[i] && shared[i] > 0 && same) copies[i].push_back(other);
    }
  }
  return copies;
}

}  // namespace engram
