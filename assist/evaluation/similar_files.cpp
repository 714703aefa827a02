#include "assist/evaluation/similar_files.h"

#include <algorithm>

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
  const auto number = static_cast<std::uint32_t>(lines_.size());
  for (const std::uint64_t hash : hashes) files_with_[hash].push_back(number);
  lines_.push_back(std::move(hashes));
}

std::vector<std::size_t> SimilarFiles::copies_of(std::size_t i) const {
  std::unordered_map<std::size_t, std::size_t> shared;
  for (const std::uint64_t hash : lines_[i]) {
    for (const std::size_t other : files_with_.at(hash)) ++shared[other];
  }
  std::vector<std::size_t> copies;
  for (const auto& [other, n] : shared) {
    const std::size_t larger = std::max(lines_[i].size(), lines_[other].size());
    if (other != i && static_cast<double>(n) >= kCopy * static_cast<double>(larger)) {
      copies.push_back(other);
    }
  }
  std::sort(copies.begin(), copies.end());
  return copies;
}

}  // namespace engram
