#include "indexer/scan/nothing_left.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace engram {

std::optional<std::string> why_nothing_is_left(std::uint64_t files,
                                               const std::vector<SkippedFile>& skipped) {
  if (files > 0) return std::nullopt;
  std::map<std::string, std::size_t> rules;  // ".gitignore:159: /*"
  for (const SkippedFile& one : skipped) {
    if (one.reason == "ignored" && !one.detail.empty()) ++rules[one.detail];
  }
  const auto most = std::max_element(
      rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == rules.end()) return std::nullopt;
  const std::size_t pattern = most->first.find(": ");
  std::string remedy;
  if (pattern != std::string::npos) {
    remedy = fmt::format(", or, outside git, write '!{}' into a file .ignore beside it",
                         most->first.substr(pattern + 2));
  }
  return fmt::format("nothing is left to index: {} ignores {} of {} entries; remove that line{}",
                     most->first, most->second, skipped.size(), remedy);
}

}  // namespace engram
